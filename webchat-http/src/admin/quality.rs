//! Quality models. One is never changed: what is saved anew is a new version under a number of its own.

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use serde::Serialize;
use webchat_core::command::HostCommand;
use webchat_core::effect::Receipt;
use webchat_core::quality::{ModelId, QualityModel};

use crate::api::Api;
use crate::app::{App, Call};
use crate::refused::{Refused, json};
use crate::session;
use crate::socket::request::unexpected;

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "QualityModelListed")]
struct Listed {
    model: ModelId,
    #[serde(flatten)]
    questions: QualityModel,
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "QualityModelAdded")]
struct Added {
    model: ModelId,
}

/// `/api/v1/quality-models`
pub(crate) async fn all(app: &App, call: &Call) -> Result<Response<Bytes>, Refused> {
    match call.method {
        Method::GET => {
            session::require(app, call, "GET /api/v1/quality-models").await?;
            let models = app.query(|engine, _| {
                let models = engine.view().quality_models();
                let listed = models.map(|(model, questions)| Listed {
                    model,
                    questions: questions.clone(),
                });
                listed.collect::<Vec<_>>()
            });
            Ok(json(StatusCode::OK, &models.await?))
        }
        Method::POST => {
            session::require(app, call, "POST /api/v1/quality-models").await?;
            let adding = add(app, call.json()?);
            app.repeats
                .once("POST /api/v1/quality-models", call, adding)
                .await
        }
        _ => Err(Refused::method_not_allowed()),
    }
}

async fn add(app: &App, questions: QualityModel) -> Result<Response<Bytes>, Refused> {
    let add = HostCommand::AddQualityModel(Box::new(questions));
    match app.host(add).await? {
        Receipt::Model(model) => Ok(json(StatusCode::CREATED, &Added { model })),
        other => Err(unexpected(&other)),
    }
}

pub(super) fn describe(api: &mut Api) {
    api.route(
        "GET /api/v1/quality-models",
        "Every version of every quality model",
    )
    .answers::<Vec<Listed>>(200);
    api.route(
        "POST /api/v1/quality-models",
        "Adds one, which never changes",
    )
    .takes::<QualityModel>()
    .repeatable()
    .answers::<Added>(201);
}
