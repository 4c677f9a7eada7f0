//! The contents page of the service: every address, and who answers there.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::middleware::{self, Next};
use axum::routing::{get, post};
use bytes::Bytes;

use super::asked::{language, wish};
use super::pages::Page;
use super::{Desk, acts, preferences, subscribe};

/// All addresses of the service: reading is one thing, acting another.
pub(super) fn router(desk: Arc<Desk>) -> Router {
    let acts = Router::new()
        .route("/subscribe", post(subscribe::ask))
        .route("/confirm/{token}", post(acts::confirm))
        .route("/unsubscribe/{token}", post(acts::leave))
        .route("/never/{token}", post(acts::refuse))
        .route("/preferences/{token}", post(preferences::save))
        .route("/data/{token}", post(acts::data))
        .route_layer(middleware::from_fn_with_state(Arc::clone(&desk), told));
    Router::new()
        .route("/", get(home))
        .route("/subscribe", get(subscribe::form))
        .route("/confirm/{token}", get(acts::show_confirm))
        .route("/unsubscribe/{token}", get(acts::show_leave))
        .route("/never/{token}", get(acts::show_refuse))
        .route("/preferences/{token}", get(preferences::show))
        .route("/data/{token}", get(acts::show_data))
        .merge(acts)
        .fallback(nothing)
        .method_not_allowed_fallback(wrong_method)
        .with_state(desk)
}

async fn home(State(desk): State<Arc<Desk>>) -> Response<Body> {
    let mut response = desk.response(StatusCode::SEE_OTHER, "text/plain; charset=utf-8", Bytes::new());
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("subscribe"));
    response
}

/// Whatever is not there looks like a link that is no longer good.
async fn nothing(State(desk): State<Arc<Desk>>, request: Request) -> Response<Body> {
    desk.invalid(wish(request.headers()), language(request.headers(), desk.config.language))
}

/// A method that an address does not know; the router adds those that it does.
async fn wrong_method(State(desk): State<Arc<Desk>>, request: Request) -> Response<Body> {
    let language = language(request.headers(), desk.config.language);
    desk.answer(wish(request.headers()), StatusCode::METHOD_NOT_ALLOWED, Page::Invalid, language, None)
}

/// Tells of everything that acts. The token in a path is nobody's business.
async fn told(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response<Body> {
    let known = ["subscribe", "confirm", "unsubscribe", "never", "preferences", "data"];
    let page = request.uri().path().split('/').nth(1).unwrap_or_default();
    let route = known.iter().find(|known| **known == page).copied().unwrap_or("other");
    let answer = next.run(request).await;
    desk.tell("request", &[("route", route), ("status", answer.status().as_str())]);
    answer
}
