//! Creating, changing and deleting business calendars, and importing days into them.

mod import;

use frontdesk_domain::{
    Calendar, CalendarId, Definition as _, Permission, Team,
    audit::FieldChange,
    schedule::{SpecialDay, WeeklyHours},
};
use frontdesk_ports::{NoticeKind, Versioned};

pub use import::{ImportAs, ImportError, ImportRequest, Imported, SkippedEvent};

use crate::{
    ActError, Application, Requester,
    definitions::{DefinitionChange, as_json},
    events, fresh_id,
};

/// A new calendar.
#[derive(Debug, Clone)]
pub struct NewCalendar {
    /// Its name, unique in the tenant.
    pub name: String,
    /// The IANA name of its time zone.
    pub time_zone: String,
    /// The hours of a usual week.
    pub weekly: WeeklyHours,
    /// Days that differ.
    pub special_days: Vec<SpecialDay>,
}

/// What is to change of a calendar; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct CalendarChange {
    /// The calendar's new name.
    pub name: Option<String>,
    /// The IANA name of its time zone.
    pub time_zone: Option<String>,
    /// The hours of a usual week, as a whole.
    pub weekly: Option<WeeklyHours>,
    /// Days that differ, as a whole.
    pub special_days: Option<Vec<SpecialDay>>,
    /// The version that the change was decided on; without one, it applies to whatever is there.
    pub expected_version: Option<u64>,
}

/// Creates a calendar of the requester's tenant.
///
/// # Errors
/// [`ActError::Forbidden`], [`ActError::Calendar`], [`ActError::TooMany`], or [`ActError::Taken`] for the name.
pub async fn create(app: &Application, by: &Requester, new: NewCalendar) -> Result<Versioned<Calendar>, ActError> {
    by.require(Permission::Administer)?;
    let NewCalendar { name, time_zone, weekly, special_days } = new;
    let id = CalendarId(fresh_id(app.clock.now()));
    let mut new = Versioned { value: Calendar { id, name, time_zone, weekly, special_days }, version: 1 };
    new.value.arrange()?;
    let calendar = &new.value;
    let mut change = DefinitionChange::begin(app, by).await?;
    change.insert(calendar).await?;
    let changes = vec![
        FieldChange::set("name", &calendar.name),
        FieldChange::set("time_zone", &calendar.time_zone),
        FieldChange::set("weekly", as_json(&calendar.weekly)),
        FieldChange::set("special_days", as_json(&calendar.special_days)),
    ];
    change.finish(app, by, events::calendar(app, by, "calendar.created", &new), changes).await?;
    app.notify(by, NoticeKind::CALENDAR, id.0, 1).await;
    Ok(new)
}

/// Changes a calendar of the requester's tenant.
///
/// # Errors
/// As [`create`], and [`ActError::NotFound`], or [`ActError::Conflict`] when it has another version than expected.
pub async fn change(
    app: &Application,
    by: &Requester,
    id: CalendarId,
    wanted: CalendarChange,
) -> Result<Versioned<Calendar>, ActError> {
    by.require(Permission::Administer)?;
    let mut change = DefinitionChange::begin(app, by).await?;
    let found = change.get::<Calendar>(id.0, wanted.expected_version).await?;
    let before = found.value.clone();
    let after = Calendar {
        id,
        name: wanted.name.unwrap_or(before.name),
        time_zone: wanted.time_zone.unwrap_or(before.time_zone),
        weekly: wanted.weekly.unwrap_or(before.weekly),
        special_days: wanted.special_days.unwrap_or(before.special_days),
    };
    write(app, by, change, found, after, "calendar.changed").await
}

/// Deletes a calendar of the requester's tenant that no team has.
///
/// # Errors
/// [`ActError::Forbidden`], [`ActError::NotFound`] or [`ActError::InUse`].
pub async fn delete(app: &Application, by: &Requester, id: CalendarId) -> Result<(), ActError> {
    by.require(Permission::Administer)?;
    let mut change = DefinitionChange::begin(app, by).await?;
    if change.all::<Team>().await?.iter().any(|team| team.value.calendar == Some(id)) {
        return Err(ActError::InUse(Team::KIND));
    }
    let version = change.get::<Calendar>(id.0, None).await?.version + 1;
    change.delete::<Calendar>(id.0).await?;
    change.finish(app, by, events::deleted::<Calendar>(app, by, "calendar.deleted", id.0), Vec::new()).await?;
    app.notify(by, NoticeKind::CALENDAR, id.0, version).await;
    Ok(())
}

/// Reads days from an iCalendar file and adds them to a calendar of the requester's tenant; those of the same date are
/// replaced. Unless they are to be saved, this only shows what would become of the calendar.
///
/// # Errors
/// As [`change`], and [`ActError::Import`] for a file that cannot be read.
pub async fn import(
    app: &Application,
    by: &Requester,
    id: CalendarId,
    request: &ImportRequest,
    save: bool,
    expected_version: Option<u64>,
) -> Result<(Versioned<Calendar>, Imported), ActError> {
    by.require(Permission::Administer)?;
    let imported = request.read()?;
    let mut change = DefinitionChange::begin(app, by).await?;
    let found = change.get::<Calendar>(id.0, expected_version).await?;
    let mut after = found.value.clone();
    after.merge(imported.days.clone());
    if !save {
        after.arrange()?;
        return Ok((Versioned { value: after, version: found.version }, imported));
    }
    Ok((write(app, by, change, found, after, "calendar.imported").await?, imported))
}

/// Writes a changed calendar, unless nothing changed.
async fn write(
    app: &Application,
    by: &Requester,
    mut change: DefinitionChange,
    found: Versioned<Calendar>,
    mut after: Calendar,
    act: &'static str,
) -> Result<Versioned<Calendar>, ActError> {
    after.arrange()?;
    let before = &found.value;
    let changes = [
        FieldChange::between("name", &before.name, &after.name),
        FieldChange::between("time_zone", &before.time_zone, &after.time_zone),
        FieldChange::between("weekly", as_json(&before.weekly), as_json(&after.weekly)),
        FieldChange::between(
            "special_days",
            as_json(&only_in(&before.special_days, &after.special_days)),
            as_json(&only_in(&after.special_days, &before.special_days)),
        ),
    ];
    let changes: Vec<_> = changes.into_iter().flatten().collect();
    if changes.is_empty() {
        return Ok(found);
    }
    let after = change.update(after, found.version).await?;
    change.finish(app, by, events::calendar(app, by, act, &after), changes).await?;
    app.notify(by, NoticeKind::CALENDAR, after.value.id.0, after.version).await;
    Ok(after)
}

/// The days that are in `these` and not, just so, in `others`: an audit entry holds what differs and not all days.
fn only_in<'a>(these: &'a [SpecialDay], others: &[SpecialDay]) -> Vec<&'a SpecialDay> {
    these.iter().filter(|day| !others.contains(day)).collect()
}
