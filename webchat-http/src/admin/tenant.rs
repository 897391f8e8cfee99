//! What holds for all campaigns: caps, grace and transfer times.

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use webchat_core::command::{HostCommand, TenantSettings};

use crate::api::Api;
use crate::app::{App, Call};
use crate::refused::{Refused, json};
use crate::session;

/// `/api/v1/tenant`
pub(crate) async fn settings(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    match call.method {
        Method::GET => {
            session::require(app, call, "GET /api/v1/tenant").await?;
        }
        Method::PUT => {
            session::require(app, call, "PUT /api/v1/tenant").await?;
            let settings: TenantSettings = call.json()?;
            app.host(HostCommand::SetTenant(settings)).await?;
        }
        _ => return Err(Refused::method_not_allowed()),
    }
    let settings = app
        .query(|engine, _| engine.view().tenant().clone())
        .await?;
    Ok(json(StatusCode::OK, &settings))
}

pub(super) fn describe(api: &mut Api) {
    api.route("GET /api/v1/tenant", "What holds for all campaigns")
        .answers::<TenantSettings>(200);
    api.route("PUT /api/v1/tenant", "Replaces it")
        .takes::<TenantSettings>()
        .answers::<TenantSettings>(200);
}
