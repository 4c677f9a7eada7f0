//! How the service does, for those who keep it: on an address of its own that readers never see.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::routing::get;

use super::Desk;

/// The addresses of the keepers.
pub(super) fn router(desk: Arc<Desk>) -> Router {
    Router::new().route("/healthz", get(health)).route("/metrics", get(metrics)).with_state(desk)
}

/// Well means that the store answers.
async fn health(State(desk): State<Arc<Desk>>) -> (StatusCode, String) {
    match desk.read(|transaction| transaction.waiting()).await {
        Ok(_) => (StatusCode::OK, "ok\n".to_owned()),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")),
    }
}

/// The counters in the text format of Prometheus, version 0.0.4.
async fn metrics(State(desk): State<Arc<Desk>>) -> ([(header::HeaderName, &'static str); 1], String) {
    let counters = &desk.counters;
    let mut text = String::new();
    let mut add = |name: &str, kind: &str, help: &str, value: &AtomicU64| {
        let value = value.load(Ordering::Relaxed);
        let _ = write!(
            text,
            "# HELP rotative_{name} {help}\n# TYPE rotative_{name} {kind}\nrotative_{name} {value}\n"
        );
    };
    add("subscribe_requests_total", "counter", "Requests to subscribe.", &counters.subscribe);
    add("confirmations_total", "counter", "Confirmations answered.", &counters.confirmed);
    add("unsubscribes_total", "counter", "Unsubscribes answered.", &counters.left);
    add(
        "limited_total",
        "counter",
        "Requests refused because too many came from one network.",
        &counters.limited,
    );
    add("letters_accepted_total", "counter", "Letters that the relay took.", &counters.mailed);
    add("letters_deferred_total", "counter", "Letters that wait to be tried again.", &counters.deferred);
    add("letters_rejected_total", "counter", "Letters that the relay refused.", &counters.rejected);
    add(
        "store_errors_total",
        "counter",
        "Times the store did not do what it was asked.",
        &counters.store_errors,
    );
    add("requests_waiting", "gauge", "Requests that wait to be judged.", &counters.waiting_requests);
    add("letters_waiting", "gauge", "Letters that wait to be mailed.", &counters.waiting_letters);
    text.push_str("# HELP rotative_http_responses_total Answers by class of status.\n# TYPE rotative_http_responses_total counter\n");
    for (class, count) in counters.requests.iter().enumerate().skip(2) {
        let count = count.load(Ordering::Relaxed);
        let _ = writeln!(text, "rotative_http_responses_total{{class=\"{class}xx\"}} {count}");
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}
