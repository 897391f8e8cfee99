//! A commit group: what the engine decided and answered since the last commit, released together.

use std::mem;

use bytes::Bytes;
use tokio::sync::oneshot;
use webchat_core::command::Command;
use webchat_core::effect::{Effect, Receipt};
use webchat_core::event::Recorded;
use webchat_core::rejection::Rejection;
use webchat_core::time::Timestamp;
use webchat_core::{Engine, Outbox, wire};

use super::Unavailable;
use crate::effects::EffectSink;

/// Bytes of memory an empty group keeps for its payload at most.
const MOST_ROOM: usize = 64 << 10;

/// What a command's caller hears.
pub type Reply = Result<Result<Receipt, Rejection>, Unavailable>;

/// What lies in the mailbox.
pub(super) enum Letter {
    /// To be carried out.
    Command {
        command: Command,
        reply: oneshot::Sender<Reply>,
    },
    /// To be carried out in this order.
    Commands {
        commands: Vec<Command>,
        reply: oneshot::Sender<Vec<Reply>>,
    },
    /// To be asked of the engine.
    Query(Box<dyn Query>),
    /// To be followed by nothing.
    Stop(oneshot::Sender<()>),
}

/// Something asked of the engine that changes nothing.
pub(super) trait Query: Send {
    /// Asks, and keeps the answer.
    fn ask(&mut self, engine: &Engine, now: Timestamp);

    /// Gives the answer out, or says why there is none.
    fn settle(self: Box<Self>, outcome: Result<(), Unavailable>);
}

/// A question made of a closure, and where its answer comes out.
pub(super) fn question<T, F>(ask: F) -> (Box<dyn Query>, oneshot::Receiver<Result<T, Unavailable>>)
where
    T: Send + 'static,
    F: FnOnce(&Engine, Timestamp) -> T + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    let question = Question {
        ask: Some(ask),
        answer: None,
        reply,
    };
    (Box::new(question), answer)
}

struct Question<T, F> {
    ask: Option<F>,
    answer: Option<T>,
    reply: oneshot::Sender<Result<T, Unavailable>>,
}

impl<T, F> Query for Question<T, F>
where
    T: Send,
    F: FnOnce(&Engine, Timestamp) -> T + Send,
{
    fn ask(&mut self, engine: &Engine, now: Timestamp) {
        self.answer = self.ask.take().map(|ask| ask(engine, now));
    }

    fn settle(self: Box<Self>, outcome: Result<(), Unavailable>) {
        let answer = match (self.ask, self.answer) {
            (_, Some(answer)) => outcome.map(|()| answer),
            // It was asked and met a defect.
            (None, None) => Err(Unavailable::Failed),
            (Some(_), None) => Err(outcome.err().unwrap_or(Unavailable::Retry)),
        };
        // Nobody waits any more if the caller went away.
        let _ = self.reply.send(answer);
    }
}

/// What waits for one commit. Two of them swap: one fills while the other is written.
#[derive(Default)]
pub(super) struct Group {
    /// What the engine decided.
    pub(super) outbox: Outbox,
    /// Events nobody needs any more. Freeing what many threads have made takes its time, so that is left to whoever
    /// tells the group.
    pub(super) spent: Vec<Recorded>,
    answers: Vec<Answer>,
    /// The first events as the journal will hold them.
    payload: Vec<u8>,
    /// How many those are.
    written: usize,
}

enum Answer {
    Command {
        result: Reply,
        reply: oneshot::Sender<Reply>,
    },
    Commands {
        results: Vec<Reply>,
        reply: oneshot::Sender<Vec<Reply>>,
    },
    Query(Box<dyn Query>),
}

impl Group {
    /// Nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.outbox.is_empty() && self.answers.is_empty()
    }

    /// How much waits, to bound it.
    pub(super) fn len(&self) -> usize {
        self.outbox.events().len() + self.outbox.effects().len() + self.answers.len()
    }

    /// Bytes the journal will hold of it.
    pub(super) fn bytes(&self) -> usize {
        self.payload.len()
    }

    /// Writes down what was decided since the last call. Done while the group before is on its way
    /// to the disk, so that the disk need not wait for it.
    pub(super) fn write_down(&mut self) {
        let events = self.outbox.events();
        wire::encode_more(&mut self.payload, &events[self.written..]);
        self.written = events.len();
    }

    /// All of it as one frame's payload.
    pub(super) fn take_payload(&mut self) -> Bytes {
        self.write_down();
        self.written = 0;
        // The next one will probably be about as long.
        let room = self.payload.len().min(MOST_ROOM);
        Bytes::from(mem::replace(&mut self.payload, Vec::with_capacity(room)))
    }

    /// Rejections also wait for the commit: one may rest on an event the disk has not seen. A command
    /// at which the engine met a defect is [`Unavailable::Failed`].
    pub(super) fn answer(&mut self, result: Reply, reply: oneshot::Sender<Reply>) {
        self.answers.push(Answer::Command { result, reply });
    }

    /// The answers to several commands, in their order. Those not carried out after a defect are
    /// [`Unavailable::Retry`].
    pub(super) fn answer_all(&mut self, results: Vec<Reply>, reply: oneshot::Sender<Vec<Reply>>) {
        self.answers.push(Answer::Commands { results, reply });
    }

    /// An answered question waits like any answer.
    pub(super) fn answer_query(&mut self, query: Box<dyn Query>) {
        self.answers.push(Answer::Query(query));
    }

    /// Everything it rests on is durable: effects first, so that whoever hears an answer can rely
    /// on its effects being on their way. Leaves it empty; `effects` is a buffer to use again.
    pub(super) fn release(&mut self, sink: &dyn EffectSink, effects: &mut Vec<Effect>) {
        effects.extend(self.outbox.release());
        if !effects.is_empty() {
            sink.deliver(effects);
            effects.clear();
        }
        self.outbox.clear();
        for answer in self.answers.drain(..) {
            match answer {
                // Nobody waits any more if the caller went away; what was done stands.
                Answer::Command { result, reply } => drop(reply.send(result)),
                Answer::Commands { results, reply } => drop(reply.send(results)),
                Answer::Query(query) => query.settle(Ok(())),
            }
        }
        self.spent.clear();
    }

    /// It did not become durable: everybody is told so. Leaves it empty.
    pub(super) fn refuse(&mut self, why: Unavailable) {
        self.outbox.clear();
        self.payload.clear();
        self.written = 0;
        for answer in self.answers.drain(..) {
            match answer {
                Answer::Command { mut result, reply } => {
                    refuse(&mut result, why);
                    drop(reply.send(result));
                }
                Answer::Commands { mut results, reply } => {
                    results.iter_mut().for_each(|result| refuse(result, why));
                    drop(reply.send(results));
                }
                Answer::Query(query) => query.settle(Err(why)),
            }
        }
    }
}

/// What did not become durable was not carried out; only who met the defect hears of it.
fn refuse(result: &mut Reply, why: Unavailable) {
    if !matches!(result, Err(Unavailable::Failed)) {
        *result = Err(why);
    }
}

impl Letter {
    /// Sends it back unread.
    pub(super) fn refuse(self, why: Unavailable) {
        match self {
            Letter::Command { reply, .. } => drop(reply.send(Err(why))),
            Letter::Commands { commands, reply } => {
                drop(reply.send(commands.iter().map(|_| Err(why)).collect()));
            }
            Letter::Query(query) => query.settle(Err(why)),
            Letter::Stop(done) => drop(done),
        }
    }
}
