//! The contents page of the service: every address, and who answers there.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, Response, StatusCode, header};
use axum::middleware::{self, Next};
use axum::routing::get;

use super::asked::{language, wish};
use super::{Desk, acts, preferences, subscribe};

/// All addresses of the service.
pub(super) fn router(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/subscribe", get(subscribe::form).post(subscribe::ask))
        .route("/confirm/{token}", get(acts::show_confirm).post(acts::confirm))
        .route("/unsubscribe/{token}", get(acts::show_leave).post(acts::leave))
        .route("/never/{token}", get(acts::show_refuse).post(acts::refuse))
        .route("/preferences/{token}", get(preferences::show).post(preferences::save))
        .route("/data/{token}", get(acts::show_data).post(acts::data))
        .fallback(nothing)
        .layer(middleware::from_fn_with_state(Arc::clone(&desk), count))
        .with_state(desk)
}

async fn home() -> (StatusCode, [(header::HeaderName, &'static str); 1]) {
    (StatusCode::SEE_OTHER, [(header::LOCATION, "subscribe")])
}

async fn nothing(State(desk): State<Arc<Desk>>, request: Request) -> Response<Body> {
    desk.invalid(wish(request.headers()), language(request.headers(), desk.config.language))
}

/// Counts every answer, and tells of those that act or fail. The token in a path is nobody's business.
async fn count(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response<Body> {
    let acts = request.method() == Method::POST;
    let route = request.uri().path().split('/').nth(1).unwrap_or("").to_owned();
    let response = next.run(request).await;
    let status = response.status();
    let class = usize::from(status.as_u16() / 100).min(5);
    desk.counters.requests[class].fetch_add(1, Ordering::Relaxed);
    if acts || status.is_server_error() {
        let known = ["subscribe", "confirm", "unsubscribe", "never", "preferences", "data"];
        let route = known.iter().find(|known| **known == route).copied().unwrap_or("other");
        desk.tell("request", &[("route", route), ("status", status.as_str())]);
    }
    response
}
