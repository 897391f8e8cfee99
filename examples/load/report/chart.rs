//! Charts as SVG: lines over a linear axis, on a linear or logarithmic scale. Nothing in them needs a script.

use std::fmt::Write;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 250.0;
const LEFT: f64 = 68.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 34.0;

/// A line. Its colour is the class `s1`, `s2` and so on: by its place, unless it goes with another line.
pub(super) struct Series<'a> {
    pub(super) name: &'a str,
    /// A gap where there is no value.
    pub(super) points: Vec<(f64, Option<f64>)>,
    /// The place of the line it is a second opinion on; drawn dashed in the same colour.
    beside: Option<usize>,
}

impl<'a> Series<'a> {
    pub(super) fn new(name: &'a str, points: impl IntoIterator<Item = (f64, Option<f64>)>) -> Self {
        Self {
            name,
            points: points.into_iter().collect(),
            beside: None,
        }
    }

    /// A second opinion on the line at this place, from 1.
    pub(super) fn beside(self, place: usize) -> Self {
        let beside = Some(place);
        Self { beside, ..self }
    }

    fn class(&self, place: usize) -> String {
        match self.beside {
            Some(other) => format!("s{other} dashed"),
            None => format!("s{place}"),
        }
    }
}

/// How values are placed.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Scale {
    /// From 0 to a round number at or above the largest, or to this one.
    Linear(Option<f64>),
    /// By powers of ten.
    Log,
}

/// What is drawn.
pub(super) struct Chart<'a> {
    pub(super) title: &'a str,
    /// One sentence below the title.
    pub(super) says: &'a str,
    pub(super) scale: Scale,
    /// Written after values.
    pub(super) unit: &'a str,
    /// Places on the horizontal axis and what is written there, in ascending order.
    pub(super) ticks: Vec<(f64, String)>,
    /// What the horizontal axis is.
    pub(super) across: &'a str,
    pub(super) series: Vec<Series<'a>>,
}

impl Chart<'_> {
    /// The chart as a figure of a page.
    pub(super) fn html(&self) -> String {
        let mut out = String::new();
        let _ = write!(
            out,
            "<figure><figcaption><h3>{}</h3><p>{}</p></figcaption><div class=legend>",
            escape(self.title),
            escape(self.says)
        );
        for (series, place) in self.series.iter().zip(1..) {
            let class = series.class(place);
            let _ = write!(
                out,
                "<span class=\"{class}\"><i></i>{}</span>",
                escape(series.name)
            );
        }
        let _ = write!(
            out,
            "</div><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=img aria-label=\"{}\">",
            escape(self.title)
        );
        let values = self.series.iter().flat_map(|series| &series.points);
        let mut values = values.filter_map(|(_, value)| *value).peekable();
        if values.peek().is_none() {
            let _ = write!(
                out,
                "<text class=none x={} y={}>nothing was measured</text></svg></figure>",
                WIDTH / 2.0,
                HEIGHT / 2.0
            );
            return out;
        }
        let axis = Axis::over(values, self.scale);
        self.grid(&axis, &mut out);
        for (series, place) in self.series.iter().zip(1..) {
            self.line(series, place, &axis, &mut out);
        }
        self.hints(&mut out);
        out + "</svg></figure>"
    }

    fn x(&self, at: f64) -> f64 {
        let first = self.ticks.first().map_or(0.0, |tick| tick.0);
        let last = self.ticks.last().map_or(1.0, |tick| tick.0);
        LEFT + (at - first) / (last - first).max(f64::EPSILON) * (WIDTH - LEFT - RIGHT)
    }

    fn grid(&self, axis: &Axis, out: &mut String) {
        let (right, floor) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
        for value in &axis.ticks {
            let y = axis.y(*value);
            let text = number(*value);
            let _ = write!(
                out,
                "<line class=grid x1={LEFT} x2={right} y1={y:.1} y2={y:.1} /><text class=left x={:.1} y={:.1}>{text}{}</text>",
                LEFT - 6.0,
                y + 3.5,
                escape(self.unit)
            );
        }
        for (at, text) in &self.ticks {
            let x = self.x(*at);
            let _ = write!(
                out,
                "<line class=tick x1={x:.1} x2={x:.1} y1={floor} y2={} /><text class=below x={x:.1} y={}>{text}</text>",
                floor + 4.0,
                floor + 15.0
            );
        }
        let _ = write!(
            out,
            "<line class=axis x1={LEFT} x2={right} y1={floor} y2={floor} /><text class=across x={right} y={}>{}</text>",
            HEIGHT - 4.0,
            escape(self.across)
        );
    }

    fn line(&self, series: &Series<'_>, place: usize, axis: &Axis, out: &mut String) {
        let mut path = String::new();
        let mut drawing = false;
        let mut alone = None;
        for (at, value) in &series.points {
            let Some(value) = value else {
                dot(alone.take(), place, out);
                drawing = false;
                continue;
            };
            let (x, y) = (self.x(*at), axis.y(*value));
            let _ = write!(path, "{}{x:.1} {y:.1}", if drawing { "L" } else { "M" });
            alone = (!drawing).then_some((x, y));
            drawing = true;
        }
        dot(alone, place, out);
        let class = series.class(place);
        let _ = write!(out, "<path class=\"line {class}\" d=\"{path}\" />");
    }

    /// Invisible columns that show their values when pointed at.
    fn hints(&self, out: &mut String) {
        let Some(first) = self.series.first() else {
            return;
        };
        let mut before = LEFT;
        for (index, (at, _)) in first.points.iter().enumerate() {
            let x = self.x(*at);
            let next = first
                .points
                .get(index + 1)
                .map_or(WIDTH - RIGHT, |(next, _)| (x + self.x(*next)) / 2.0);
            let mut hint = format!("{} {}", tick_text(self, *at), self.across);
            for series in &self.series {
                if let Some((_, Some(value))) = series.points.get(index) {
                    let _ = write!(hint, "\n{}: {}{}", series.name, number(*value), self.unit);
                }
            }
            let width = (next - before).max(0.0);
            let _ = write!(
                out,
                "<rect class=hint x={before:.1} y={TOP} width={width:.1} height={}><title>{}</title></rect>",
                HEIGHT - TOP - BOTTOM,
                escape(&hint)
            );
            before = next;
        }
    }
}

/// A value between two gaps.
fn dot(at: Option<(f64, f64)>, place: usize, out: &mut String) {
    if let Some((x, y)) = at {
        let _ = write!(out, "<circle class=s{place} cx={x:.1} cy={y:.1} r=1.8 />");
    }
}

/// What the horizontal axis says at a place: its tick's text if it has one there.
fn tick_text(chart: &Chart<'_>, at: f64) -> String {
    let known = chart.ticks.iter().find(|(tick, _)| *tick == at);
    known.map_or_else(|| number(at), |(_, text)| text.clone())
}

/// The vertical axis.
struct Axis {
    ticks: Vec<f64>,
    low: f64,
    high: f64,
    log: bool,
}

impl Axis {
    fn over(values: impl Iterator<Item = f64>, scale: Scale) -> Self {
        let (low, high) = values.fold((f64::MAX, 0.0_f64), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        match scale {
            Scale::Log => {
                let first = low.max(1e-3).log10().floor() as i32;
                let last = (high.max(1e-3).log10().ceil() as i32).max(first + 1);
                let ticks: Vec<f64> = (first..=last).map(|power| 10_f64.powi(power)).collect();
                Self {
                    low: f64::from(first),
                    high: f64::from(last),
                    ticks,
                    log: true,
                }
            }
            Scale::Linear(most) => {
                // Nothing but zeros is drawn along the foot of an axis up to 1.
                let most = most.unwrap_or(if high > 0.0 { high } else { 1.0 });
                let step = round_step(most / 4.0);
                let count = (most / step).ceil().max(1.0) as u32;
                let ticks: Vec<f64> = (0..=count).map(|at| f64::from(at) * step).collect();
                Self {
                    low: 0.0,
                    high: f64::from(count) * step,
                    ticks,
                    log: false,
                }
            }
        }
    }

    fn y(&self, value: f64) -> f64 {
        let at = if self.log {
            value.max(1e-3).log10()
        } else {
            value
        };
        let share = ((at - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
    }
}

/// 1, 2 or 5 times a power of ten, at or above `least`.
pub(super) fn round_step(least: f64) -> f64 {
    let least = least.max(1e-3);
    let power = 10_f64.powf(least.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .find(|step| step * power >= least * 0.999);
    step.unwrap_or(10.0) * power
}

/// A number as people write one: no more digits than tell something.
pub(super) fn number(value: f64) -> String {
    let digits = match value.abs() {
        0.0 => 0,
        v if v < 0.1 => 3,
        v if v < 1.0 => 2,
        v if v < 100.0 => 1,
        _ => 0,
    };
    let text = format!("{value:.digits$}");
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let part = part.trim_end_matches('0');
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match part {
        "" => grouped,
        part => format!("{grouped}.{part}"),
    }
}

/// Text as markup shows it.
pub(super) fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_grouped() {
        let shown = [0.0, 0.0123, 0.5, 1.25, 99.96, 1_234_567.8, 1_000.0].map(number);
        assert_eq!(
            shown,
            ["0", "0.012", "0.5", "1.2", "100", "1,234,568", "1,000"]
        );
    }

    #[test]
    fn an_axis_ends_at_or_above_the_largest_value() {
        let linear = Axis::over([3.0, 87.0].into_iter(), Scale::Linear(None));
        assert_eq!(linear.ticks, [0.0, 50.0, 100.0]);
        let log = Axis::over([0.4, 87.0].into_iter(), Scale::Log);
        assert_eq!(log.ticks, [0.1, 1.0, 10.0, 100.0]);
        assert_eq!(log.y(0.1), HEIGHT - BOTTOM);
        assert_eq!(log.y(100.0), TOP);
    }

    #[test]
    fn a_gap_breaks_the_line_and_a_lone_value_is_a_dot() {
        let chart = Chart {
            title: "<Waits>",
            says: "",
            scale: Scale::Linear(None),
            unit: " s",
            ticks: vec![(0.0, "0".into()), (3.0, "3".into())],
            across: "seconds",
            series: vec![Series::new(
                "p50",
                [
                    (0.0, Some(1.0)),
                    (1.0, Some(2.0)),
                    (2.0, None),
                    (3.0, Some(1.0)),
                ],
            )],
        };
        let html = chart.html();
        assert!(
            html.contains("&lt;Waits&gt;") && !html.contains("<Waits>"),
            "{html}"
        );
        assert_eq!(html.matches("<circle").count(), 1);
        assert_eq!(html.matches('M').count(), 2, "{html}");
    }
}
