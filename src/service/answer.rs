//! Answers: a page or its like in JSON, with the headers that every answer of the service has.

use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::http::header::{self, HeaderValue};
use axum::http::{Response, StatusCode};
use bytes::Bytes;

use crate::model::{Language, Slug};

use super::Desk;
use super::asked::Wish;
use super::pages::Page;

/// How long to wait before trying again when the store could not write, in seconds.
const AGAIN: &str = "30";

impl Desk {
    /// A page of the service.
    pub(super) fn answer(
        &self,
        wish: Wish,
        status: StatusCode,
        page: Page,
        language: Language,
        list: Option<&Slug>,
    ) -> Response<Body> {
        match wish {
            Wish::Page => self.html(status, self.pages.get(page, language, list)),
            Wish::Json => self.outcome(status, word(page)),
        }
    }

    /// An answer for a program.
    pub(super) fn outcome(&self, status: StatusCode, word: &str) -> Response<Body> {
        let outcome = serde_json::json!({ "outcome": word }).to_string();
        self.response(status, "application/json", Bytes::from(outcome))
    }

    /// The store did not take it: nothing is acknowledged.
    pub(super) fn busy(&self, wish: Wish, language: Language) -> Response<Body> {
        let mut response = self.answer(wish, StatusCode::SERVICE_UNAVAILABLE, Page::Busy, language, None);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(AGAIN));
        response
    }

    /// A token that is not ours, of another purpose or past its time: one page for all of them.
    pub(super) fn invalid(&self, wish: Wish, language: Language) -> Response<Body> {
        self.answer(wish, StatusCode::NOT_FOUND, Page::Invalid, language, None)
    }

    pub(super) fn html(&self, status: StatusCode, html: Bytes) -> Response<Body> {
        self.response(status, "text/html; charset=utf-8", html)
    }

    pub(super) fn response(&self, status: StatusCode, kind: &'static str, body: Bytes) -> Response<Body> {
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let class = usize::from(status.as_u16() / 100).min(5);
        self.counters.requests[class].fetch_add(1, Ordering::Relaxed);
        let headers = response.headers_mut();
        let fixed = [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "no-store"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::X_FRAME_OPTIONS, "DENY"),
            (header::HeaderName::from_static("x-robots-tag"), "noindex"),
            (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        ];
        headers.reserve(fixed.len() + 1);
        for (name, value) in fixed {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers.insert(header::CONTENT_SECURITY_POLICY, self.pages.policy.clone());
        response
    }
}

/// What happened, for a program.
fn word(page: Page) -> &'static str {
    match page {
        Page::Subscribe => "subscribe",
        Page::BadAddress => "bad-address",
        Page::NoSuchList => "unknown-list",
        Page::Sent => "asked",
        Page::Confirm | Page::Leave | Page::Refuse | Page::Data => "post-to-act",
        Page::Confirmed => "confirmed",
        Page::Left => "unsubscribed",
        Page::Refused => "never-again",
        Page::DataSent => "link-mailed",
        Page::Erased => "erased",
        Page::Invalid => "invalid-link",
        Page::Busy => "try-again",
        Page::TooMany => "too-many-requests",
    }
}
