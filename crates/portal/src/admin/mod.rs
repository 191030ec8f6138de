//! The admin pages: everything that the command line can do for a support team, behind a sign-in.
//! They call the same functions of the issuer, and every audit row that they cause names the
//! operator.

mod audit;
mod entitlements;
mod form_fields;
mod http_request;
mod overview;
mod products;
mod seats;
mod sign_in;

use axum::Router;
use axum::routing::{get, post};

use crate::state::Shared;

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/vendor", get(overview::show))
        .route("/vendor/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/vendor/sign-out", post(sign_in::sign_out))
        .route("/vendor/products", get(products::list).post(products::add))
        .route("/vendor/products/{number}", get(products::show))
        .route("/vendor/products/{number}/kit/{file}", get(products::kit))
        .route("/vendor/entitlements", get(entitlements::list).post(entitlements::add))
        .route("/vendor/entitlements/search", post(entitlements::search))
        .route("/vendor/entitlements/{id}", get(entitlements::show).post(entitlements::change))
        .route("/vendor/entitlements/{id}/end", post(entitlements::end))
        .route("/vendor/entitlements/{id}/dismiss", post(entitlements::dismiss_returns))
        .route("/vendor/entitlements/{id}/codes", post(entitlements::add_code))
        .route("/vendor/entitlements/{id}/codes/disable", post(entitlements::disable_code))
        .route("/vendor/seats/{id}", get(seats::show))
        .route("/vendor/seats/{id}/release", post(seats::release))
        .route("/vendor/seats/{id}/refresh", post(seats::refresh))
        .route("/vendor/seats/{id}/dismiss", post(seats::dismiss))
        .route("/vendor/audit", get(audit::list).post(audit::search))
        .route("/vendor/audit.csv", post(audit::table))
}
