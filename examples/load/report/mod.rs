//! The report as one HTML page that needs nothing else: no script, no font, no picture.

mod chart;

use std::fmt::Write;

use crate::figures::{Agreement, Figures, Latency, Point, Quantiles, share};
use crate::tally::Timed;
use chart::{Chart, Scale, Series, escape, number, round_step};

/// The whole page.
pub(crate) fn html(figures: &Figures) -> String {
    let charts: String = charts(figures).iter().map(Chart::html).collect();
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>webchat under load</title><style>{}</style><body><main>{}{}<section class=charts>{charts}</section>{}{}{}{}</main>",
        include_str!("report.css"),
        heading(figures),
        tiles(figures),
        latencies(figures),
        agreement(figures),
        errors(figures),
        plan(figures),
    )
}

fn heading(figures: &Figures) -> String {
    let totals = &figures.totals;
    let agents = figures.plan.get("agents").map_or("", String::as_str);
    let seconds = (figures.at / 1_000) as i64;
    let at = webchat_core::time::Timestamp::from_millis(seconds * 1_000);
    format!(
        "<header><h1>webchat under load</h1><p>{} visitors and {agents} agents in {} seconds, on {}. Finished at {at}. \
         Latencies count from the instant at which the plan wanted something, so they include whatever the server was late with.</p></header>",
        number(totals.come as f64),
        number(figures.seconds.round()),
        escape(&figures.machine),
    )
}

fn tiles(figures: &Figures) -> String {
    let verification = &figures.verification;
    let percent = |share: Option<f64>| {
        share.map_or("–".to_owned(), |share| {
            format!("{} %", number(share * 100.0))
        })
    };
    let latency = |what, share| {
        let found = figures.latency(what);
        found.map_or("–".to_owned(), |latency: &Latency| {
            millis(latency.at(share))
        })
    };
    let clean = match verification.is_clean() {
        true => ("good", "every message once, in order"),
        false => ("bad", "messages are not as they should be"),
    };
    let agrees = match figures.agreement.iter().all(Agreement::holds) {
        true => ("good", "the server counts the same"),
        false => ("bad", "the server counts otherwise"),
    };
    let fault_free = if figures.totals.errors == 0 {
        "good"
    } else {
        "bad"
    };
    let tiles = [
        (
            "",
            number(figures.totals.answered as f64),
            format!(
                "chats answered of {}",
                number(figures.totals.admitted as f64)
            ),
        ),
        (
            "",
            percent(figures.service_level()),
            "answered in time".to_owned(),
        ),
        (
            "",
            latency(Timed::Start, 0.99),
            "p99 from coming to admitted".to_owned(),
        ),
        (
            "",
            latency(Timed::Delivery, 0.99),
            "p99 from written to read".to_owned(),
        ),
        (
            "",
            format!("{}/s", number(figures.peak(|totals| totals.delivered))),
            "messages delivered, at the peak".to_owned(),
        ),
        (
            clean.0,
            number(verification.messages as f64),
            clean.1.to_owned(),
        ),
        (
            agrees.0,
            format!(
                "{} of {}",
                figures.agreement.iter().filter(|a| a.holds()).count(),
                figures.agreement.len()
            ),
            agrees.1.to_owned(),
        ),
        (
            fault_free,
            number(figures.totals.errors as f64),
            "errors".to_owned(),
        ),
    ];
    let tiles = tiles.iter().map(|(class, value, what)| {
        format!("<li class=\"{class}\"><b>{value}</b>{}</li>", escape(what))
    });
    format!("<ul class=tiles>{}</ul>", tiles.collect::<String>())
}

fn charts(figures: &Figures) -> Vec<Chart<'static>> {
    let points = &figures.over_time;
    let ends = points.last().map_or(1.0, |point| point.until);
    let step = round_step(ends / 8.0).max(1.0);
    let mut ticks: Vec<f64> = (0..)
        .map(|at| f64::from(at) * step)
        .take_while(|at| *at < ends - step / 2.0)
        .collect();
    ticks.push(ends);
    let over_time = |title, says, scale, unit, series| Chart {
        title,
        says,
        scale,
        unit,
        ticks: ticks.iter().map(|at| (*at, number(*at))).collect(),
        across: "seconds",
        series,
    };
    let line = |name, value: &dyn Fn(&Point) -> Option<f64>| {
        Series::new(name, points.iter().map(|point| (point.until, value(point))))
    };
    let quantiles = |of: &dyn Fn(&Point) -> Option<Quantiles>| {
        vec![
            line("p50", &|point| Some(of(point)?.p50)),
            line("p90", &|point| Some(of(point)?.p90)),
            line("p99", &|point| Some(of(point)?.p99)),
            line("longest", &|point| Some(of(point)?.max)),
        ]
    };
    let rate = |name, count: &dyn Fn(&Point) -> u64| {
        line(name, &|point| Some(count(point) as f64 / point.seconds))
    };
    vec![
        over_time(
            "Delivery of messages",
            "From the instant a message was to be written until the other side has it; it is on disk before.",
            Scale::Log,
            " ms",
            quantiles(&|point| point.delivery),
        ),
        over_time(
            "Chat starts",
            "From the instant a visitor was to come until the chat is admitted: connection, upgrade, hello, start.",
            Scale::Log,
            " ms",
            quantiles(&|point| point.start),
        ),
        over_time(
            "Waiting and with an agent",
            "As the clients know, and as the server says in /metrics.",
            Scale::Linear(None),
            "",
            vec![
                line("waiting", &|point| Some(point.here?.0 as f64)),
                line("with an agent", &|point| Some(point.here?.1 as f64)),
                line("waiting, says the server", &|point| {
                    Some(point.server?.0 as f64)
                })
                .beside(1),
                line("with an agent, says the server", &|point| {
                    Some(point.server?.1 as f64)
                })
                .beside(2),
            ],
        ),
        over_time(
            "Service level",
            "Of the chats answered in each slice of time, those answered within the limit.",
            Scale::Linear(Some(100.0)),
            " %",
            vec![line("answered in time", &|point| {
                Some(share(point.counts.answered_in_time, point.counts.answered)? * 100.0)
            })],
        ),
        over_time(
            "Wait for an agent",
            "From the instant a visitor was to come until an agent is there.",
            Scale::Log,
            " ms",
            quantiles(&|point| point.answer),
        ),
        over_time(
            "Visitors",
            "How many a second come, are answered, and leave without.",
            Scale::Linear(None),
            "/s",
            vec![
                rate("come", &|point| point.counts.come),
                rate("answered", &|point| point.counts.answered),
                rate("left or timed out", &|point| {
                    point.counts.left_waiting + point.counts.timed_out
                }),
                rate("refused", &|point| point.counts.refused),
            ],
        ),
        over_time(
            "Messages",
            "How many a second are acknowledged, that is durable, and read by the other side.",
            Scale::Linear(None),
            "/s",
            vec![
                rate("acknowledged", &|point| point.counts.acknowledged),
                rate("delivered", &|point| point.counts.delivered),
            ],
        ),
        over_time(
            "Errors",
            "Connections lost or refused, requests refused, answers that never came.",
            Scale::Linear(None),
            "/s",
            vec![rate("errors", &|point| point.counts.errors)],
        ),
        over_time(
            "The generator itself",
            "How late it did what the plan wanted. Where this is high, the other latencies are partly its own.",
            Scale::Log,
            " ms",
            quantiles(&|point| point.lateness),
        ),
        spectrum(figures),
    ]
}

/// Latency by the share that was faster: the tail drawn as wide as the rest.
fn spectrum(figures: &Figures) -> Chart<'static> {
    // Each nine takes as much room as the one before.
    let place = |share: f64| -(1.0 - share).max(1e-5).log10();
    let line = |what: Timed, name| {
        let within = figures
            .latency(what)
            .map(|latency| latency.within.as_slice());
        let within = within.unwrap_or_default().iter();
        Series::new(
            name,
            within
                .filter(|(share, _)| *share < 1.0)
                .map(|(share, millis)| (place(*share), Some(*millis))),
        )
    };
    let ticks = [0.0, 0.5, 0.9, 0.99, 0.999, 0.9999];
    Chart {
        title: "Latency by share",
        says: "How long it took at most for this share of all. The generator's own lateness is part of every other line.",
        scale: Scale::Log,
        unit: " ms",
        ticks: ticks
            .iter()
            .map(|share| (place(*share), number_of_share(*share)))
            .collect(),
        across: "% of all",
        series: vec![
            line(Timed::Delivery, "delivery"),
            line(Timed::Ack, "acknowledgement"),
            line(Timed::Start, "chat start"),
            line(Timed::Lateness, "the generator's own lateness").beside(4),
        ],
    }
}

fn number_of_share(share: f64) -> String {
    let percent = format!("{:.2}", share * 100.0);
    percent
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

fn latencies(figures: &Figures) -> String {
    let what = |name| match name {
        "start" => "from coming to admitted",
        "acknowledgement" => "from written to acknowledged, that is durable",
        "delivery" => "from written to read by the other side",
        "answer" => "from coming to an agent being there",
        _ => "how late the generator itself was",
    };
    let rows = figures.latencies.iter().map(|latency| {
        let cells =
            [0.5, 0.9, 0.99, 0.999, 1.0].map(|share| format!("<td>{}", millis(latency.at(share))));
        format!(
            "<tr><th>{}<small>{}</small><td>{}<td>{}{}",
            latency.what,
            what(latency.what),
            number(latency.count as f64),
            millis(latency.mean),
            cells.concat()
        )
    });
    format!(
        "<section><h2>Latencies</h2><table><thead><tr><th><th>count<th>mean<th>p50<th>p90<th>p99<th>p99.9<th>longest<tbody>{}</table></section>",
        rows.collect::<String>()
    )
}

fn agreement(figures: &Figures) -> String {
    let rows = figures.agreement.iter().map(|row| {
        let word = match (row.exact, row.holds()) {
            (true, true) => "<td class=good>same",
            (true, false) => "<td class=bad>differs",
            (false, _) => "<td>measured at the other end",
        };
        format!(
            "<tr><th>{}<td>{}<td>{}{word}",
            escape(row.what),
            number(row.here),
            number(row.server)
        )
    });
    let v = &figures.verification;
    let mut out = format!(
        "<section><h2>Is it right?</h2><div class=two><table><thead><tr><th><th>here<th>server<th><tbody>{}</table><table><tbody>",
        rows.collect::<String>()
    );
    for (what, count) in [
        ("chats read by both sides and compared", v.chats),
        ("chats compared with what is stored", v.stored_chats),
        ("chats over before their agent had read them", v.cut_short),
        ("messages in all", v.messages),
        ("messages acknowledged", v.acknowledged),
        ("messages never answered", v.unanswered),
    ] {
        let _ = write!(out, "<tr><th>{what}<td>{}", number(count as f64));
    }
    for (what, count) in [
        ("lost", v.lost),
        ("doubled", v.doubled),
        ("out of order", v.reordered),
        ("not the same to both sides", v.altered),
    ] {
        let class = if count == 0 { "good" } else { "bad" };
        let _ = write!(
            out,
            "<tr><th>{what}<td class={class}>{}",
            number(count as f64)
        );
    }
    out += "</table></div>";
    if !v.faults.is_empty() {
        let faults = v
            .faults
            .iter()
            .map(|fault| format!("<li>{}", escape(fault)));
        let _ = write!(out, "<ul>{}</ul>", faults.collect::<String>());
    }
    out + "</section>"
}

fn errors(figures: &Figures) -> String {
    if figures.errors.is_empty() && figures.refused.is_empty() {
        return String::new();
    }
    let refused = figures
        .refused
        .iter()
        .map(|(code, count)| (format!("refused: {code}"), count));
    let errors = figures
        .errors
        .iter()
        .map(|(what, count)| (what.clone(), count));
    let rows = errors
        .chain(refused)
        .map(|(what, count)| format!("<tr><th>{}<td>{}", escape(&what), number(*count as f64)));
    format!(
        "<section><h2>What went wrong, and who was turned away</h2><table><tbody>{}</table></section>",
        rows.collect::<String>()
    )
}

fn plan(figures: &Figures) -> String {
    let rows = figures
        .plan
        .iter()
        .map(|(name, value)| format!("<div><dt>{name}<dd>{}</div>", escape(value)));
    format!(
        "<section><h2>What was asked for</h2><dl>{}</dl></section>",
        rows.collect::<String>()
    )
}

fn millis(millis: f64) -> String {
    match millis < 10_000.0 {
        true => format!("{} ms", number(millis)),
        false => format!("{} s", number(millis / 1_000.0)),
    }
}
