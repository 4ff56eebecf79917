//! The way of a message, hop by hop.

use maud::{Markup, html};

use super::{scale::Scale, unit::Unit, words};
use crate::report::model::Report;

/// The hops in the order in which a message takes them, as they are called in a report and as people read them.
const WAY: [(&str, &str); 4] = [
    ("lateness", "due → sent"),
    ("accepted", "→ accepted"),
    ("delivered", "→ delivered"),
    ("persisted", "→ persisted"),
];

/// Two pictures, one below the other: of a usual message, and of a slow one. None, if nothing was measured.
pub(super) fn waterfalls(report: &Report) -> Option<Markup> {
    let usual = waterfall(report, words::USUAL, words::USUAL_NOTE, 0.5)?;
    let slow = waterfall(report, words::SLOW, words::SLOW_NOTE, 0.99)?;
    Some(html! { div .stack { (usual) (slow) } })
}

/// Each bar begins where the hop before ended: both end where `share` of all messages had come that far.
fn waterfall(report: &Report, title: &str, note: &str, share: f64) -> Option<Markup> {
    let ends: Vec<(&str, f64)> = WAY
        .iter()
        .filter_map(|(name, label)| Some((*label, report.hop(name)?)))
        .filter(|(_, hop)| hop.times.count() > 0)
        .map(|(label, hop)| (label, hop.times.quantile_ms(share)))
        .collect();
    let longest = ends.iter().map(|(_, end)| *end).fold(0.0, f64::max);
    if ends.len() < 2 {
        return None;
    }
    let across = Scale::from_zero(longest, (LEFT, WIDTH - 64.0));
    let height = TOP + ROW * ends.len() as f64 + 28.0;
    let description =
        ends.iter().map(|(label, end)| format!("{label} {}", Unit::Milliseconds.write(*end))).collect::<Vec<_>>();
    // Delivered and persisted both begin at accepted.
    let accepted = ends.iter().find(|(label, _)| *label == WAY[1].1).map(|(_, end)| *end);
    Some(html! {
        figure {
            figcaption { h3 { (title) } p { (note) } }
            svg viewBox={ "0 0 " (WIDTH) " " (height) } role="img" aria-label={ (title) ": " (description.join(", ")) } {
                @for tick in across.ticks() {
                    line .grid x1=(across.place(tick)) x2=(across.place(tick)) y1=(TOP) y2=(height - 24.0) {}
                    text .x x=(across.place(tick)) y=(height - 8.0) { (Unit::Milliseconds.write(tick)) }
                }
                @for (row, (label, end)) in ends.iter().enumerate() {
                    @let y = TOP + ROW * row as f64;
                    @let begin = match row { 0 => 0.0, 1 => ends[0].1, _ => accepted.unwrap_or_default() }.min(*end);
                    text .y x=(LEFT - 8.0) y=(y + 19.0) { (label) }
                    rect class={ "bar b" (row) } x=(across.place(begin)) y=(y + 5.0) height="20" rx="3"
                        width=((across.place(*end) - across.place(begin)).max(2.0)) {}
                    text .v x=(across.place(*end) + 6.0) y=(y + 19.0) { (Unit::Milliseconds.write(*end)) }
                }
            }
        }
    })
}

const WIDTH: f64 = 520.0;
const LEFT: f64 = 104.0;
const TOP: f64 = 6.0;
const ROW: f64 = 32.0;
