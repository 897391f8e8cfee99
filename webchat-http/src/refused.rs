//! How a request is refused: one shape for REST and sockets, with a stable code.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;
use webchat_core::problem::Problem;
use webchat_core::rejection::Rejection;
use webchat_runtime::accounts::AccountError;
use webchat_runtime::{NotErased, StoreError, Unavailable};

use crate::tally;
use crate::trace::RequestId;

/// The media type of refusals over HTTP.
pub(crate) const PROBLEM: &str = "application/problem+json";

/// A refusal as the protocol shows it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refused {
    code: &'static str,
    message: String,
    /// All that is wrong with a form.
    problems: Vec<Problem>,
    /// Seconds after which the same request may do.
    retry_after: Option<u64>,
    /// The status, where the code alone does not tell.
    status: Option<StatusCode>,
}

/// A refusal as sockets show it, under `error`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Refusal", inline)]
pub(crate) struct ErrorBody {
    /// Stable, for programs.
    code: &'static str,
    /// For people who read logs.
    message: String,
    #[serde(flatten)]
    more: Details,
}

/// A refusal as HTTP shows it: problem details after RFC 9457.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(crate) struct ProblemBody {
    /// Always `about:blank`: `code` says which problem it is.
    r#type: &'static str,
    /// The status in words.
    title: &'static str,
    /// The status.
    status: u16,
    /// What is wrong this time, for people who read logs.
    detail: String,
    /// Stable, for programs.
    code: &'static str,
    /// The request's number, which the server's log has too; also in `x-request-id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<String>,
    #[serde(flatten)]
    more: Details,
}

/// What some refusals also say.
#[derive(Serialize, JsonSchema)]
struct Details {
    /// Where the first mistake is.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// What is allowed there.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<String>,
    /// Until the same request may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<u64>,
    /// All mistakes of a form.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Mistake>")]
    problems: Vec<Problem>,
}

/// A field of a form that can't be accepted.
#[derive(JsonSchema)]
#[expect(
    dead_code,
    reason = "only its schema is used: what is sent is `Problem` of the core"
)]
struct Mistake {
    /// Path of the field.
    field: String,
    /// What was found there, cut to 80 characters.
    value: String,
    /// What is allowed.
    expected: String,
}

impl Serialize for Refused {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let body = ErrorBody {
            code: self.code,
            message: self.message.clone(),
            more: self.details(),
        };
        body.serialize(serializer)
    }
}

impl Refused {
    /// A refusal with this code, explained for people.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            problems: Vec::new(),
            retry_after: None,
            status: None,
        }
    }

    /// The request cannot be understood.
    pub(crate) fn bad_request(why: impl std::fmt::Display) -> Self {
        Self::new("bad_request", why.to_string())
    }

    /// Whoever asks may not do this.
    pub(crate) fn not_allowed() -> Self {
        Self::new("not_allowed", "this is not allowed for you")
    }

    /// The login or the password is wrong; which one is not said.
    pub(crate) fn wrong_credentials() -> Self {
        Self {
            status: Some(StatusCode::UNAUTHORIZED),
            ..Self::new("not_allowed", "login or password is wrong")
        }
    }

    /// The address exists, but not for this method.
    pub(crate) fn method_not_allowed() -> Self {
        Self::new(
            "method_not_allowed",
            "this address does not take this method",
        )
    }

    /// Nobody is signed in.
    pub(crate) fn not_signed_in() -> Self {
        Self::new("not_signed_in", "sign in first")
    }

    /// There is no such campaign, or not for this caller.
    pub(crate) fn unknown_campaign(campaign: impl std::fmt::Display) -> Self {
        Self::new(
            "unknown_campaign",
            format!("campaign {campaign} is not known"),
        )
    }

    /// There is no such chat, or not for this caller.
    pub(crate) fn unknown_chat(chat: impl std::fmt::Display) -> Self {
        Self::new("unknown_chat", format!("chat {chat} is not known"))
    }

    /// Too often; worth another try after `seconds`.
    pub(crate) fn too_fast(seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..Self::new(
                "too_fast",
                format!("too many requests, try again in {seconds} s"),
            )
        }
    }

    /// The request took too long to arrive or to be carried out.
    pub(crate) fn too_slow() -> Self {
        Self::new("request_timeout", "the request took too long")
    }

    /// A field of a form is wrong.
    pub(crate) fn field(problem: Problem) -> Self {
        Self::form(vec![problem])
    }

    /// Several fields of a form are wrong.
    pub(crate) fn form(problems: Vec<Problem>) -> Self {
        let message: Vec<String> = problems.iter().map(Problem::to_string).collect();
        Self {
            problems,
            ..Self::new("invalid_field", message.join("; "))
        }
    }

    /// The stable code.
    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    /// What is wrong, for people who read logs.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Whether it is certain that nothing was changed.
    pub(crate) fn is_final(&self) -> bool {
        !matches!(self.code, "retry" | "shutting_down" | "internal_error")
    }

    /// The refusal as the answer to an HTTP request.
    pub(crate) fn response(&self) -> Response<Bytes> {
        tally::refused(self.code);
        let mut response = json(self.status(), &self.body());
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }

    /// The refusal as HTTP shows it.
    pub(crate) fn body(&self) -> ProblemBody {
        let status = self.status();
        ProblemBody {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or("Refused"),
            status: status.as_u16(),
            detail: self.message.clone(),
            code: self.code,
            request: RequestId::current().map(|id| id.to_string()),
            more: self.details(),
        }
    }

    fn details(&self) -> Details {
        let first = self.problems.first();
        Details {
            field: first.map(|problem| problem.field.clone()),
            expected: first.map(|problem| problem.expected.clone()),
            seconds: self.retry_after,
            problems: self.problems.clone(),
        }
    }

    fn status(&self) -> StatusCode {
        if let Some(status) = self.status {
            return status;
        }
        match self.code {
            "bad_request" => StatusCode::BAD_REQUEST,
            "not_signed_in" => StatusCode::UNAUTHORIZED,
            "not_allowed" | "new_password_needed" | "passwords_off" | "confirm_first" => {
                StatusCode::FORBIDDEN
            }
            "not_found" | "unknown_chat" | "unknown_campaign" | "unknown_agent"
            | "unknown_account" | "unknown_message" | "unknown_model" | "unknown_webhook"
            | "unknown_event" | "unknown_key" | "unknown_session" | "provider_off" => {
                StatusCode::NOT_FOUND
            }
            "method_not_allowed" => StatusCode::METHOD_NOT_ALLOWED,
            "length_required" => StatusCode::LENGTH_REQUIRED,
            "uri_too_long" => StatusCode::URI_TOO_LONG,
            "request_timeout" => StatusCode::REQUEST_TIMEOUT,
            "files_full" => StatusCode::INSUFFICIENT_STORAGE,
            "changed_meanwhile" => StatusCode::PRECONDITION_FAILED,
            "too_large" => StatusCode::PAYLOAD_TOO_LARGE,
            "upgrade_required" => StatusCode::UPGRADE_REQUIRED,
            "invalid_field" => StatusCode::UNPROCESSABLE_ENTITY,
            "too_fast" => StatusCode::TOO_MANY_REQUESTS,
            "internal_error" => StatusCode::INTERNAL_SERVER_ERROR,
            "retry" | "shutting_down" | "provider_unavailable" => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::CONFLICT,
        }
    }
}

impl From<Rejection> for Refused {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::InvalidField(problem) => Self::field(problem),
            Rejection::InvalidSettings(problems) => Self::form(problems.0),
            Rejection::TooFast { seconds, .. } => Self {
                retry_after: Some(seconds.into()),
                ..Self::new(rejection.code(), rejection.to_string())
            },
            other => Self::new(other.code(), other.to_string()),
        }
    }
}

impl From<Unavailable> for Refused {
    fn from(unavailable: Unavailable) -> Self {
        Self {
            retry_after: (unavailable != Unavailable::Failed).then_some(1),
            ..Self::new(unavailable.code(), unavailable.to_string())
        }
    }
}

impl From<NotErased> for Refused {
    fn from(not_erased: NotErased) -> Self {
        match not_erased {
            NotErased::Unavailable(unavailable) => unavailable.into(),
            NotErased::Rejected(rejection) => rejection.into(),
            NotErased::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        // What failed is for the operator's log; the client only learns that it may try again.
        tracing::error!(%error, "the store failed");
        Self {
            retry_after: Some(1),
            ..Self::new("retry", "the store does not answer, try again")
        }
    }
}

impl From<AccountError> for Refused {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Store(error) => error.into(),
            AccountError::LoginTaken(login) => Self::field(Problem {
                field: "login".into(),
                value: login,
                expected: "a login nobody has yet".into(),
            }),
            AccountError::UnknownAccount(_) => Self::new(error.code(), error.to_string()),
        }
    }
}

/// An answer whose body is `value` as JSON.
pub(crate) fn json<T: Serialize>(status: StatusCode, value: &T) -> Response<Bytes> {
    match serde_json::to_vec(value) {
        Ok(body) => json_text(status, body.into()),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written as JSON");
            json_text(StatusCode::INTERNAL_SERVER_ERROR, Bytes::new())
        }
    }
}

/// An answer whose body is JSON already.
pub(crate) fn json_text(status: StatusCode, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
