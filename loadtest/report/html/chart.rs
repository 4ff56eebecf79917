//! Lines over an axis, as a picture in the page itself.

use maud::{Markup, html};

use super::{scale::Scale, unit::Unit};
use crate::report::model::Fault;

/// A chart with its lines and axes.
#[derive(Debug)]
pub(crate) struct Chart<'a> {
    pub(crate) title: &'a str,
    /// How it is to be read.
    pub(crate) note: &'a str,
    pub(crate) unit: Unit,
    /// Equal ratios take equal room.
    pub(crate) logarithmic: bool,
    pub(crate) across: Across,
    pub(crate) lines: Vec<Line>,
    /// Harm that was done meanwhile.
    pub(crate) marks: &'a [Fault],
}

/// What runs from left to right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Across {
    /// Seconds of the run.
    Time,
    /// The share that is done: each step to the right is ten times rarer.
    Nines,
    /// Anything else, with its unit.
    Figure(Unit),
}

/// A line. Its points go from left to right.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
    /// Figure that the legend shows beside the name.
    pub(crate) figure: String,
    /// Whether it is drawn as a band's edge or a wish, not as something measured.
    pub(crate) dashed: bool,
    /// Whether its points are drawn, not only the line between.
    pub(crate) dotted: bool,
}

impl Chart<'_> {
    /// Draws it; nothing, if there is nothing to draw.
    pub(crate) fn draw(&self) -> Option<Markup> {
        let lines: Vec<Line> = self.lines.iter().filter_map(|line| self.drawable(line)).collect();
        if lines.is_empty() {
            return None;
        }
        let all = || lines.iter().flat_map(|line| &line.points);
        let (left, right) = all().fold((f64::MAX, f64::MIN), |(left, right), (x, _)| (left.min(*x), right.max(*x)));
        let (lowest, highest) = all().fold((f64::MAX, f64::MIN), |(low, high), (_, y)| (low.min(*y), high.max(*y)));
        let across = match self.across {
            Across::Figure(_) => Scale::from_zero(right, (LEFT, WIDTH - RIGHT)),
            _ => Scale::between(left, right, (LEFT, WIDTH - RIGHT)),
        };
        let up = if self.logarithmic {
            Scale::logarithmic(lowest, highest, (HEIGHT - BOTTOM, TOP))
        } else {
            Scale::from_zero(highest, (HEIGHT - BOTTOM, TOP))
        };
        let description =
            lines.iter().map(|line| format!("{} {}", line.name, line.figure)).collect::<Vec<_>>().join(", ");
        Some(html! {
            figure {
                figcaption { h3 { (self.title) } @if !self.note.is_empty() { p { (self.note) } } }
                svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label={ (self.title) ": " (description) } {
                    @for tick in up.ticks() {
                        line .grid x1=(LEFT) x2=(WIDTH - RIGHT) y1=(px(up.place(tick))) y2=(px(up.place(tick))) {}
                        text .y x=(LEFT - 6.0) y=(px(up.place(tick) + 4.0)) { (self.unit.write(tick)) }
                    }
                    @for (value, label) in self.labels(&across, left, right) {
                        text .x x=(px(across.place(value))) y=(HEIGHT - 8.0) { (label) }
                    }
                    (self.draw_marks(&across, left, right))
                    @for (number, line) in lines.iter().enumerate() {
                        @let class = format!("l l{}{}", number % COLOURS, if line.dashed { " dashed" } else { "" });
                        path class=(class) d=(path(line, &across, &up, self.across)) { title { (line.name) } }
                        @if line.dotted {
                            @for (x, y) in &line.points {
                                circle class=(class) r="3" cx=(px(across.place(*x))) cy=(px(up.place(*y))) {
                                    title { (line.name) ": " (self.unit.write(*y)) }
                                }
                            }
                        }
                    }
                }
                ul .legend {
                    @for (number, line) in lines.iter().enumerate() {
                        li { i class={ "k k" (number % COLOURS) } {} span { (line.name) } b { (line.figure) } }
                    }
                }
            }
        })
    }

    /// What can be drawn of a line: on a logarithmic axis, nothing but what is above 0.
    fn drawable(&self, line: &Line) -> Option<Line> {
        let points = line
            .points
            .iter()
            .copied()
            .filter(|(x, y)| x.is_finite() && y.is_finite() && (!self.logarithmic || *y > 0.0));
        let points = thinned(points.collect());
        (!points.is_empty()).then(|| Line { points, ..line.clone() })
    }

    fn labels(&self, across: &Scale, left: f64, right: f64) -> Vec<(f64, String)> {
        match self.across {
            Across::Nines => {
                NINES.iter().filter(|(at, _)| *at <= right).map(|(at, label)| (*at, (*label).to_owned())).collect()
            }
            Across::Time => {
                let minutes = right - left > 300.0;
                let label = |second: f64| if minutes { clock(second) } else { format!("{second} s") };
                across.ticks().into_iter().map(|tick| (tick, label(tick))).collect()
            }
            Across::Figure(unit) => across.ticks().into_iter().map(|tick| (tick, unit.write(tick))).collect(),
        }
    }

    fn draw_marks(&self, across: &Scale, left: f64, right: f64) -> Markup {
        let marks = self.marks.iter().filter(|fault| fault.from >= left && fault.from <= right);
        html! {
            @for fault in marks {
                @let from = across.place(fault.from);
                @let until = across.place(fault.until.unwrap_or(fault.from)).max(from + 1.5);
                rect .fault x=(px(from)) y=(TOP) width=(px(until - from)) height=(HEIGHT - TOP - BOTTOM) { title { (fault.what) } }
            }
        }
    }
}

/// So many points as can be told apart: of those that fall together, the highest, for a peak must not vanish.
fn thinned(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let together = points.len().div_ceil(MOST_POINTS).max(1);
    let highest = |points: &[(f64, f64)]| points.iter().copied().max_by(|one, other| one.1.total_cmp(&other.1));
    points.chunks(together).filter_map(highest).collect()
}

/// The way of the pen, which is lifted where nothing was measured.
fn path(line: &Line, across: &Scale, up: &Scale, kind: Across) -> String {
    let usual = match line.points.as_slice() {
        [(first, _), .., (last, _)] => (last - first) / line.points.len() as f64,
        _ => f64::MAX,
    };
    let mut text = String::new();
    let mut before: Option<f64> = None;
    for (x, y) in &line.points {
        let is_gap = kind == Across::Time && before.is_some_and(|before| x - before > 3.0 * usual.max(1.0));
        text.push(if before.is_none() || is_gap { 'M' } else { 'L' });
        text.push_str(&format!("{} {}", px(across.place(*x)), px(up.place(*y))));
        before = Some(*x);
    }
    text
}

/// A length, to tenths.
fn px(length: f64) -> f64 {
    (length * 10.0).round() / 10.0
}

/// A time of the run as minutes and seconds.
fn clock(second: f64) -> String {
    let (sign, second) = (if second < 0.0 { "-" } else { "" }, second.abs().round() as u64);
    format!("{sign}{}:{:02}", second / 60, second % 60)
}

const WIDTH: f64 = 520.0;
const HEIGHT: f64 = 230.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 28.0;

/// How many colours the style has.
const COLOURS: usize = 8;

/// Twice as many as a wide screen shows apart.
const MOST_POINTS: usize = 500;

/// Where shares lie on an axis of nines: `-log10(1 - share)`.
const NINES: [(f64, &str); 7] = [
    (0.0, "0"),
    (std::f64::consts::LOG10_2, "50 %"),
    (1.0, "90 %"),
    (2.0, "99 %"),
    (3.0, "99.9 %"),
    (4.0, "99.99 %"),
    (5.0, "99.999 %"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: Vec<(f64, f64)>, logarithmic: bool) -> Option<String> {
        let lines = vec![Line { name: "one <b>".to_owned(), points, ..Line::default() }];
        let (title, note, unit, across) = ("Title", "", Unit::Count, Across::Time);
        Chart { title, note, unit, logarithmic, across, lines, marks: &[] }.draw().map(Markup::into_string)
    }

    #[test]
    fn nothing_is_drawn_where_there_is_nothing() {
        assert!(chart(Vec::new(), false).is_none());
        assert!(chart(vec![(0.0, 0.0), (1.0, f64::NAN)], true).is_none());
        assert!(chart(vec![(0.0, 0.0)], false).is_some());
    }

    #[test]
    fn the_pen_is_lifted_over_gaps() {
        let points = [0.0, 1.0, 2.0, 3.0, 20.0, 21.0, 22.0].map(|at| (at, 5.0)).to_vec();
        let drawn = chart(points, false).unwrap();
        let path = drawn.split(" d=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(path.matches('M').count(), 2, "{path}");
    }

    #[test]
    fn a_peak_is_drawn_however_long_the_run() {
        let mut points: Vec<_> = (0..100_000).map(|at| (f64::from(at), 1.0)).collect();
        points[77_777].1 = 9.0;
        let thin = thinned(points);
        assert!(thin.len() <= MOST_POINTS && thin.iter().any(|(_, y)| *y == 9.0));
    }
}
