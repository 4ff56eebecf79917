//! `/api/v1/calendars`: when a tenant works.
#![expect(unused_qualifications, reason = "the description of query parameters qualifies their type")]

use actix_web::{HttpResponse, delete, get, patch, post, web::Json};
use frontdesk_application::calendars::{self, ImportAs, ImportRequest, Imported};
use frontdesk_domain::{
    Calendar, CalendarId, Line, Permission, Timestamp,
    schedule::{Schedule, SpecialDay, WeeklyHours},
};
use frontdesk_ports::{Versioned, definitions};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::{
    auth::Staff,
    http::{JsonBody, PathId, Problem, Problems, QueryParams},
    state::ApiState,
    views::{IntervalView, ListView, ShortText, SpecialDayView, WeeklyHoursView},
};

/// Registers the routes of this resource.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(create).service(change).service(remove).service(import).service(open);
}

/// A business calendar.
#[derive(Serialize, ToSchema)]
pub(crate) struct CalendarView {
    /// The calendar's id.
    id: Uuid,
    /// Its name, unique in the tenant.
    #[schema(example = "Office")]
    name: String,
    /// The IANA name of its time zone.
    #[schema(example = "Asia/Shanghai")]
    time_zone: String,
    /// The hours of a usual week, by the day on which they begin.
    weekly: WeeklyHoursView,
    /// Days that differ, by date.
    special_days: Vec<SpecialDayView>,
    /// 1 when it was created, one more with each change.
    version: u64,
}

/// A new calendar.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCalendar {
    /// Its name, unique in the tenant.
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "Office")]
    name: Line<100>,
    /// The IANA name of its time zone.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "Asia/Shanghai")]
    time_zone: Line<64>,
    /// The hours of a usual week. Hours that end no later than they begin end on the next day.
    weekly: WeeklyHoursView,
    /// Days that differ: closed days, and extra working days with hours of their own. At most 1000.
    #[serde(default)]
    special_days: Vec<SpecialDayView>,
}

/// What is to change of a calendar; what is not named stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CalendarChange {
    /// The calendar's new name.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    name: Option<Line<100>>,
    /// The IANA name of its time zone.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64)]
    time_zone: Option<Line<64>>,
    /// The hours of a usual week, as a whole.
    weekly: Option<WeeklyHoursView>,
    /// Days that differ, as a whole.
    special_days: Option<Vec<SpecialDayView>>,
    /// The version that was read; refused with `conflict` when it changed since.
    expected_version: Option<u64>,
}

/// What the days of an imported file become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ImportKind {
    /// Days on which no hours are kept.
    Closed,
    /// Working days with the hours that the request names.
    ExtraWorking,
}

/// An iCalendar file to take days from.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CalendarImport {
    /// The text of the file (RFC 5545). All-day events are taken, once or with a plain yearly repetition.
    text: String,
    /// What the days become.
    #[serde(rename = "as")]
    import_as: ImportKind,
    /// The hours of extra working days; none for closed days.
    #[serde(default)]
    hours: Vec<IntervalView>,
    /// Only events whose summary or categories contain this text are taken, in upper or lower case.
    #[schema(value_type = Option<String>, max_length = 100, example = "班")]
    matching: Option<ShortText<100>>,
    /// Whether to save the result. Without, the answer only shows what would become of the calendar.
    #[serde(default)]
    save: bool,
    /// The version that was read; refused with `conflict` when it changed since.
    expected_version: Option<u64>,
}

/// What an import found and what became of the calendar.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportView {
    /// Whether it was saved.
    saved: bool,
    /// The days of the file, by date. A day of the calendar with the same date is replaced.
    days: Vec<SpecialDayView>,
    /// Events that match and were left out.
    skipped: Vec<SkippedView>,
    /// How many events do not match.
    unmatched: u64,
    /// The calendar with these days.
    calendar: CalendarView,
}

/// An event that was left out.
#[derive(Serialize, ToSchema)]
pub(crate) struct SkippedView {
    /// The line of the file at which it begins.
    line: u64,
    /// The event's summary, as in the file.
    summary: String,
    /// Why it was left out, for people.
    reason: String,
}

/// The moment to ask about.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OpenQuery {
    /// UTC milliseconds; now when it is missing.
    #[param(value_type = Option<i64>)]
    at: Option<Timestamp>,
}

/// Whether a calendar is open.
#[derive(Serialize, ToSchema)]
pub(crate) struct OpenView {
    /// The moment that was asked about (UTC milliseconds).
    #[schema(value_type = i64)]
    at: Timestamp,
    /// Whether it is open then.
    open: bool,
    /// The first moment from then on at which it is open; null when there is none within twenty years.
    #[schema(value_type = Option<i64>)]
    next_open: Option<Timestamp>,
}

/// The tenant's calendars, by name.
#[utoipa::path(
    tag = "desk", security(("agent" = [])),
    responses((status = 200, body = ListView<CalendarView>), Problems),
)]
#[get("/calendars")]
async fn list(staff: Staff, state: ApiState) -> Result<Json<ListView<CalendarView>>, Problem> {
    staff.require(Permission::Read)?;
    let calendars = definitions::all::<Calendar>(&*state.database.directory, staff.tenant).await?;
    Ok(Json(ListView { items: calendars.into_iter().map(CalendarView::from).collect() }))
}

/// Creates a calendar. Owners and admins only.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), request_body = NewCalendar,
    responses(
        (status = 201, body = CalendarView, description = "Created"),
        (status = 409, description = "`taken` or `too_many`"),
        Problems,
    ),
)]
#[post("/calendars")]
async fn create(staff: Staff, state: ApiState, body: JsonBody<NewCalendar>) -> Result<HttpResponse, Problem> {
    let NewCalendar { name, time_zone, weekly, special_days } = body.0;
    let new = calendars::NewCalendar {
        name: name.into_string(),
        time_zone: time_zone.into_string(),
        weekly: weekly.0,
        special_days: days(special_days),
    };
    let calendar = calendars::create(&state.application, &staff.requester(), new).await?;
    Ok(HttpResponse::Created().json(CalendarView::from(calendar)))
}

/// Changes a calendar. Owners and admins only.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), params(("id" = Uuid, Path, description = "Which calendar")),
    request_body = CalendarChange,
    responses(
        (status = 200, body = CalendarView, description = "As it is now"),
        (status = 409, description = "`taken` or `conflict`"),
        Problems,
    ),
)]
#[patch("/calendars/{id}")]
async fn change(
    staff: Staff,
    state: ApiState,
    id: PathId<CalendarId>,
    body: JsonBody<CalendarChange>,
) -> Result<Json<CalendarView>, Problem> {
    let CalendarChange { name, time_zone, weekly, special_days, expected_version } = body.0;
    let change = calendars::CalendarChange {
        name: name.map(Line::into_string),
        time_zone: time_zone.map(Line::into_string),
        weekly: weekly.map(|weekly| weekly.0),
        special_days: special_days.map(days),
        expected_version,
    };
    Ok(Json(CalendarView::from(calendars::change(&state.application, &staff.requester(), id.0, change).await?)))
}

/// Deletes a calendar that no team has. Owners and admins only.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), params(("id" = Uuid, Path, description = "Which calendar")),
    responses((status = 204, description = "Gone"), (status = 409, description = "`in_use`"), Problems),
)]
#[delete("/calendars/{id}")]
async fn remove(staff: Staff, state: ApiState, id: PathId<CalendarId>) -> Result<HttpResponse, Problem> {
    calendars::delete(&state.application, &staff.requester(), id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes days from an iCalendar file, first to look at and then to save. Owners and admins only.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), params(("id" = Uuid, Path, description = "Which calendar")),
    request_body = CalendarImport,
    responses(
        (status = 200, body = ImportView, description = "What the file holds, and the calendar with it"),
        (status = 409, description = "`conflict`"),
        Problems,
    ),
)]
#[post("/calendars/{id}/import")]
async fn import(
    staff: Staff,
    state: ApiState,
    id: PathId<CalendarId>,
    body: JsonBody<CalendarImport>,
) -> Result<Json<ImportView>, Problem> {
    let CalendarImport { text, import_as, hours, matching, save, expected_version } = body.0;
    let hours: Vec<_> = hours.into_iter().map(|hours| hours.0).collect();
    let import_as = match (import_as, hours.is_empty()) {
        (ImportKind::Closed, true) => ImportAs::Closed,
        (ImportKind::ExtraWorking, false) => ImportAs::ExtraWorking(hours),
        (ImportKind::Closed, false) => return Err(Problem::invalid("closed days have no hours")),
        (ImportKind::ExtraWorking, true) => return Err(Problem::invalid("extra working days need hours")),
    };
    let request = ImportRequest { text, import_as, matching: matching.map(|text| text.0) };
    let (calendar, imported) =
        calendars::import(&state.application, &staff.requester(), id.0, &request, save, expected_version).await?;
    Ok(Json(ImportView::of(calendar, imported, save)))
}

/// Whether a calendar is open at a moment, and when it opens.
#[utoipa::path(
    tag = "desk", security(("agent" = [])), params(("id" = Uuid, Path, description = "Which calendar"), OpenQuery),
    responses((status = 200, body = OpenView), Problems),
)]
#[get("/calendars/{id}/open")]
async fn open(
    staff: Staff,
    state: ApiState,
    id: PathId<CalendarId>,
    query: QueryParams<OpenQuery>,
) -> Result<Json<OpenView>, Problem> {
    staff.require(Permission::Read)?;
    let found = definitions::one::<Calendar>(&*state.database.directory, staff.tenant, id.0.0).await?;
    let calendar = found.ok_or_else(|| Problem::not_found("calendar"))?.value;
    let schedule = Schedule::of(&calendar).map_err(|error| Problem::invalid(error.to_string()))?;
    let at = query.0.at.unwrap_or_else(|| state.clock.now());
    Ok(Json(OpenView { at, open: schedule.is_open(at), next_open: schedule.next_open(at) }))
}

fn days(views: Vec<SpecialDayView>) -> Vec<SpecialDay> {
    views.into_iter().map(|view| view.0).collect()
}

fn view_of(days: Vec<SpecialDay>) -> Vec<SpecialDayView> {
    days.into_iter().map(SpecialDayView).collect()
}

impl From<Versioned<Calendar>> for CalendarView {
    fn from(Versioned { value: calendar, version }: Versioned<Calendar>) -> Self {
        let Calendar { id, name, time_zone, weekly, special_days } = calendar;
        let weekly: WeeklyHours = weekly;
        Self {
            id: id.0,
            name,
            time_zone,
            weekly: WeeklyHoursView(weekly),
            special_days: view_of(special_days),
            version,
        }
    }
}

impl ImportView {
    fn of(calendar: Versioned<Calendar>, imported: Imported, saved: bool) -> Self {
        let skipped = imported.skipped.into_iter().map(|event| SkippedView {
            line: event.line as u64,
            summary: event.summary,
            reason: event.reason.to_owned(),
        });
        Self {
            saved,
            days: view_of(imported.days),
            skipped: skipped.collect(),
            unmatched: imported.unmatched as u64,
            calendar: CalendarView::from(calendar),
        }
    }
}
