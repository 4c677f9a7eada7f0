//! Who may ask, and how: this machine alone, by a name that is its own, to read and nothing else.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, Response, StatusCode};
use axum::middleware::Next;

/// What the preview's own pages may do.
pub(super) const PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// What a mail may do: nothing but look as it does.
pub(super) const MAIL: &str = "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin";
/// A mail whose pictures are not fetched.
pub(super) const BARE: &str = "default-src 'none'; img-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin";
/// What a page of the web edition may do: what it may do in public, but nowhere else.
pub(super) const SITE: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; media-src 'self'; connect-src 'self'; \
    worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// Lets a request through, or says why not.
pub(super) async fn admit(request: Request, next: Next) -> Response<Body> {
    let mut response = if !is_ours(request.headers(), request.uri().host()) {
        refusal(StatusCode::FORBIDDEN, "the preview answers as localhost, 127.0.0.1 and [::1] only\n")
    } else if is_foreign(request.headers()) {
        refusal(StatusCode::FORBIDDEN, "the preview answers no other site\n")
    } else if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response =
            refusal(StatusCode::METHOD_NOT_ALLOWED, "the preview is for reading: GET and HEAD\n");
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        response
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in [(header::CACHE_CONTROL, "no-store"), (header::CONTENT_SECURITY_POLICY, PAGE)] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Whether a request names this machine. A page of another site may have its own name lead here (DNS rebinding),
/// but it cannot ask for us by ours.
fn is_ours(headers: &HeaderMap, target: Option<&str>) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (host, more) = (hosts.next().and_then(|host| host.to_str().ok()), hosts.next());
    let named = host.is_some_and(|host| is_local(without_port(host)));
    named && more.is_none() && target.is_none_or(is_local)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !name.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn is_local(name: &str) -> bool {
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|own| name.eq_ignore_ascii_case(own))
}

/// Whether another site's page asks for more than to be left for ours (Fetch Metadata).
fn is_foreign(headers: &HeaderMap) -> bool {
    let says =
        |name: &str, value: &str| headers.get(name).is_some_and(|said| said.as_bytes() == value.as_bytes());
    says("sec-fetch-site", "cross-site")
        && !(says("sec-fetch-mode", "navigate") && says("sec-fetch-dest", "document"))
}

/// A plain answer.
pub(super) fn refusal(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_ours() {
        let ours = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_str(host).expect("a value"));
            is_ours(&headers, None)
        };
        for host in ["localhost", "LOCALHOST:4321", "127.0.0.1:4321", "[::1]", "[::1]:80"] {
            assert!(ours(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:4321",
            "127.0.0.2",
            "::1",
            "localhost:x",
        ] {
            assert!(!ours(host), "{host}");
        }
        assert!(!is_ours(&HeaderMap::new(), None));
    }
}
