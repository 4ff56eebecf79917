//! Time zones: from times on a clock to moments.

use jiff::{
    Timestamp as Moment,
    civil::{Date, DateTime},
    tz::{AmbiguousOffset, TimeZone},
};

use super::hours::DayTime;

/// A time zone. Its rules come with the program, so all nodes of one version agree on them.
#[derive(Debug, Clone)]
pub(super) struct Zone(TimeZone);

impl Zone {
    /// The zone with this IANA name.
    pub(super) fn named(name: &str) -> Option<Self> {
        TimeZone::get(name).ok().map(Self)
    }

    /// The day at a moment, given in milliseconds; `None` beyond the year 9999.
    pub(super) fn date(&self, at_ms: i64) -> Option<Date> {
        Some(self.0.to_datetime(Moment::from_millisecond(at_ms).ok()?).date())
    }

    /// The moment at which the clock first reaches `time` of `date`: of a time that comes twice the first, of one that
    /// is skipped the moment of the jump.
    pub(super) fn reaches(&self, date: Date, time: DayTime) -> Option<i64> {
        let minutes = time.minutes();
        let local = match minutes {
            0..1440 => date.at((minutes / 60) as i8, (minutes % 60) as i8, 0, 0),
            _ => date.tomorrow().ok()?.at(0, 0, 0, 0),
        };
        Some(self.moment(local)?.as_millisecond())
    }

    fn moment(&self, local: DateTime) -> Option<Moment> {
        match self.0.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
                offset.to_timestamp(local).ok()
            }
            AmbiguousOffset::Gap { before, .. } => {
                let not_before_the_jump = before.to_timestamp(local).ok()?;
                let just_after = Moment::from_millisecond(not_before_the_jump.as_millisecond() + 1).ok()?;
                self.0.preceding(just_after).next().map(|jump| jump.timestamp())
            }
        }
    }
}
