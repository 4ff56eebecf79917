use super::*;

fn read(text: &str, matching: Option<&str>) -> Result<Imported, ImportError> {
    let matching = matching.map(str::to_owned);
    ImportRequest { text: text.to_owned(), import_as: ImportAs::Closed, matching }.read()
}

fn file(events: &[&str]) -> String {
    let events =
        events.iter().map(|event| format!("BEGIN:VEVENT\r\n{}\r\nEND:VEVENT\r\n", event.replace('\n', "\r\n")));
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}END:VCALENDAR\r\n", events.collect::<String>())
}

fn dates(imported: &Imported) -> Vec<String> {
    let written = |day: &SpecialDay| format!("{}{}", day.date, if day.yearly { " yearly" } else { "" });
    imported.days.iter().map(written).collect()
}

#[test]
fn an_all_day_event_covers_each_day_before_its_end() {
    let text = file(&[
        "DTSTART;VALUE=DATE:20260216\nDTEND;VALUE=DATE:20260219\nSUMMARY:Spring\\, festi\n val\nBEGIN:VALARM\nSUMMARY:x\nEND:VALARM",
        "DTSTART;VALUE=DATE:20260501\nSUMMARY:Labour day",
        "DTSTART;VALUE=DATE:20261001\nDURATION:P2D",
        "DTSTART:20260101\nDTEND:20260101\nSUMMARY:New year",
    ]);
    let imported = read(&text, None).unwrap();
    assert_eq!(
        dates(&imported),
        ["2026-01-01", "2026-02-16", "2026-02-17", "2026-02-18", "2026-05-01", "2026-10-01", "2026-10-02"]
    );
    assert_eq!((imported.days[1].name.as_str(), imported.days[6].name.as_str()), ("Spring, festival", ""));
    assert!(imported.skipped.is_empty() && imported.days.iter().all(|day| day.rule == DayRule::Closed));
}

#[test]
fn plain_yearly_repetitions_are_kept_or_become_single_years() {
    let text = file(&[
        "DTSTART;VALUE=DATE:20201225\nRRULE:FREQ=YEARLY\nSUMMARY:Christmas",
        "DTSTART;VALUE=DATE:20200501\nRRULE:FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1;COUNT=2",
        "DTSTART;VALUE=DATE:20200229\nRRULE:FREQ=YEARLY;UNTIL=20240301",
    ]);
    let expected = ["2020-02-29", "2020-05-01", "2020-12-25 yearly", "2021-05-01", "2024-02-29"];
    assert_eq!(dates(&read(&text, None).unwrap()), expected);
}

#[test]
fn what_cannot_be_taken_is_named_with_its_line_and_reason() {
    let text = file(&[
        "DTSTART:20260101T090000Z\nSUMMARY:Meeting",
        "DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=WEEKLY\nSUMMARY:Sundays",
        "DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=YEARLY;BYDAY=4TH\nSUMMARY:Thanks",
        "DTSTART;VALUE=DATE:20260103\nDTEND;VALUE=DATE:20260101\nSUMMARY:Backwards",
        "DTSTART;VALUE=DATE:20260101\nSTATUS:CANCELLED\nSUMMARY:Not",
        "SUMMARY:Nothing",
    ]);
    let imported = read(&text, None).unwrap();
    let skipped: Vec<_> =
        imported.skipped.iter().map(|event| (event.line, event.summary.as_str(), event.reason)).collect();
    assert_eq!(
        skipped,
        [
            (3, "Meeting", "it is no all-day event"),
            (7, "Sundays", "only a plain yearly repetition is taken"),
            (12, "Thanks", "only a plain yearly repetition is taken"),
            (17, "Backwards", "it ends before it begins"),
            (22, "Not", "it is cancelled"),
            (27, "Nothing", "it has no DTSTART"),
        ]
    );
    assert_eq!(imported.days, []);
}

#[test]
fn a_file_that_is_no_calendar_is_refused_with_the_line() {
    for (text, line) in [
        ("", None),
        ("hello", Some(1)),
        ("BEGIN:VCARD\nEND:VCARD", Some(1)),
        ("VERSION:2.0\nBEGIN:VCALENDAR\nEND:VCALENDAR", Some(1)),
        ("BEGIN:VCALENDAR\nVERSION:2.0", Some(2)),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\n\nEND:VCALENDAR", Some(4)),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nno colon\nEND:VEVENT\nEND:VCALENDAR", Some(3)),
        ("END:VCALENDAR", Some(1)),
    ] {
        let found = match read(text, None) {
            Err(ImportError::Line { line, .. }) => Some(line),
            Ok(imported) => {
                assert_eq!(imported.days, []);
                None
            }
            Err(other) => panic!("{other}"),
        };
        assert_eq!(found, line, "{text:?}");
    }
    assert_eq!(read(&" ".repeat(ImportRequest::MAX_BYTES + 1), None), Err(ImportError::TooLarge));
}

#[test]
fn a_chinese_calendar_is_imported_as_holidays_and_as_working_days() {
    let text = file(&[
        "DTSTART;VALUE=DATE:20260215\nDTEND;VALUE=DATE:20260224\nSUMMARY:春节 休",
        "DTSTART;VALUE=DATE:20260214\nSUMMARY:春节 班\nCATEGORIES:补班",
        "DTSTART;VALUE=DATE:20260228\nSUMMARY:春节\nCATEGORIES:补班",
    ]);
    let closed = read(&text, Some("休")).unwrap();
    assert_eq!((closed.days.len(), closed.unmatched), (9, 2));
    let hours = vec![Interval { from: "09:00".parse().unwrap(), to: "17:00".parse().unwrap() }];
    let import_as = ImportAs::ExtraWorking(hours.clone());
    let working = ImportRequest { text, import_as, matching: Some("补班".to_owned()) }.read().unwrap();
    assert_eq!(dates(&working), ["2026-02-14", "2026-02-28"]);
    assert!(working.days.iter().all(|day| day.hours() == hours));
}
