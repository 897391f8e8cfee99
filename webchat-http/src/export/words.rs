//! The few words of a printed export, in the languages of the console.

use serde::Deserialize;
use webchat_core::event::CloseReason;

/// The language of a printed export.
#[derive(Clone, Copy, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Tongue {
    Es,
    #[default]
    En,
    Pt,
}

/// What stands around what was said.
pub(super) struct Words {
    pub(super) tag: &'static str,
    pub(super) title: &'static str,
    pub(super) chat: &'static str,
    pub(super) campaign: &'static str,
    pub(super) requested: &'static str,
    pub(super) ended: &'static str,
    pub(super) email: &'static str,
    pub(super) extra: &'static str,
    pub(super) disposition: &'static str,
    pub(super) agents: &'static str,
    pub(super) feedback: &'static str,
    pub(super) quality: &'static str,
    pub(super) no_score: &'static str,
    pub(super) note: &'static str,
    pub(super) visitor: &'static str,
    pub(super) system: &'static str,
    pub(super) erased: &'static str,
}

impl Tongue {
    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::Es => &Words {
                tag: "es",
                title: "Grabaciones",
                chat: "Chat",
                campaign: "Campaña",
                requested: "Solicitado",
                ended: "Terminado",
                email: "Correo",
                extra: "Dato adicional",
                disposition: "Resultado",
                agents: "Agentes",
                feedback: "Valoración",
                quality: "Calidad",
                no_score: "sin puntuación",
                note: "nota interna",
                visitor: "Visitante",
                system: "Automático",
                erased: "Lo que se dijo fue borrado.",
            },
            Self::En => &Words {
                tag: "en",
                title: "Recordings",
                chat: "Chat",
                campaign: "Campaign",
                requested: "Requested",
                ended: "Ended",
                email: "E-mail",
                extra: "Extra field",
                disposition: "Disposition",
                agents: "Agents",
                feedback: "Feedback",
                quality: "Quality",
                no_score: "no score",
                note: "internal note",
                visitor: "Visitor",
                system: "Automatic",
                erased: "What was said was erased.",
            },
            Self::Pt => &Words {
                tag: "pt",
                title: "Gravações",
                chat: "Chat",
                campaign: "Campanha",
                requested: "Solicitado",
                ended: "Terminado",
                email: "E-mail",
                extra: "Dado adicional",
                disposition: "Resultado",
                agents: "Agentes",
                feedback: "Avaliação",
                quality: "Qualidade",
                no_score: "sem pontuação",
                note: "nota interna",
                visitor: "Visitante",
                system: "Automático",
                erased: "O que foi dito foi apagado.",
            },
        }
    }

    pub(super) fn reason(self, reason: CloseReason) -> &'static str {
        let [es, en, pt] = match reason {
            CloseReason::VisitorLeft => {
                ["el visitante salió", "the visitor left", "o visitante saiu"]
            }
            CloseReason::VisitorGone => [
                "el visitante se desconectó",
                "the visitor was gone",
                "o visitante desconectou-se",
            ],
            CloseReason::AgentClosed => [
                "cerrado por el agente",
                "closed by the agent",
                "fechado pelo agente",
            ],
            CloseReason::SupervisorClosed => [
                "cerrado por un supervisor",
                "closed by a supervisor",
                "fechado por um supervisor",
            ],
            CloseReason::TimedOut => ["tiempo agotado", "timed out", "tempo esgotado"],
            CloseReason::OutOfTime => ["fuera de horario", "out of time", "fora do horário"],
            CloseReason::Disabled => [
                "campaña desactivada",
                "campaign disabled",
                "campanha desativada",
            ],
            CloseReason::AgentsGone => ["sin agentes", "no agents left", "sem agentes"],
            CloseReason::AgentGone => [
                "el agente se perdió",
                "the agent was lost",
                "o agente perdeu-se",
            ],
        };
        match self {
            Self::Es => es,
            Self::En => en,
            Self::Pt => pt,
        }
    }
}
