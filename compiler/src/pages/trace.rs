//! The page of a trace: the schedule of a run. Its static layer is a table of the events. Its scripts, in the folder
//! `trace`, draw a timeline to zoom and to search.

use std::collections::HashMap;
use std::fmt::Write;

use serde_json::Value;

use super::html::{Page, escaped};

/// The greatest number of rows of the static table. A browser needs a second for the layout of 10,000 rows.
const ROWS: usize = 2_000;

/// The page for a trace in the Chrome trace event format, as `weft trace` writes it.
pub fn trace_page(trace: &Value) -> String {
    let no_events = Vec::new();
    let events = trace["traceEvents"].as_array().unwrap_or(&no_events);
    let body = format!("{}{}", header(trace), table(&Schedule::read(events).rows(events)));
    let scripts = [
        include_str!("trace/model.js"),
        include_str!("trace/draw.js"),
        include_str!("trace/describe.js"),
        include_str!("trace/trace.js"),
    ];
    let styles = [include_str!("trace/trace.css")];
    Page {
        title: "Trace of a run".to_owned(),
        styles: &styles,
        body,
        json: trace.to_string(),
        scripts: &scripts,
    }
    .to_html()
}

fn header(trace: &Value) -> String {
    let other = &trace["otherData"];
    let clock = other["clock"].as_str().unwrap_or("real time");
    let lost = match other["lost"].as_u64() {
        Some(lost) if lost > 0 => {
            format!(" The trace lacks the {lost} oldest events, because the buffers were full.")
        }
        _ => String::new(),
    };
    format!(
        "<header class=\"page\">\n<h1>Trace of a run</h1>\n<p>The schedule: which green thread ran on which worker, \
         and what it waited for. Clock: {}.{lost}</p>\n</header>\n",
        escaped(clock)
    )
}

/// A row of the table.
struct Row {
    time: f64,
    worker: u64,
    thread: String,
    text: String,
}

/// A time in which a green thread ran on a worker.
struct Run<'trace> {
    start: f64,
    end: f64,
    name: &'trace str,
}

/// The facts about a trace that rows refer to.
struct Schedule<'trace> {
    /// The runs of each worker, in the order of time.
    runs: HashMap<u64, Vec<Run<'trace>>>,
    /// The names of the green threads by their numbers.
    names: HashMap<u64, &'trace str>,
    /// The ends of arrows by the arrows' numbers.
    ends: HashMap<u64, &'trace Value>,
}

impl<'trace> Schedule<'trace> {
    fn read(events: &'trace [Value]) -> Schedule<'trace> {
        let mut schedule = Schedule { runs: HashMap::new(), names: HashMap::new(), ends: HashMap::new() };
        for event in events {
            let name = event["name"].as_str().unwrap_or_default();
            match (event["ph"].as_str(), event["cat"].as_str()) {
                (Some("X"), Some("run")) => {
                    let start = number(event, "ts");
                    let run = Run { start, end: start + number(event, "dur"), name };
                    schedule.runs.entry(worker_of(event)).or_default().push(run);
                }
                (Some("b"), Some("thread")) => {
                    schedule.names.extend(event["args"]["thread"].as_u64().map(|number| (number, name)));
                }
                (Some("f"), Some("flow")) => {
                    schedule.ends.extend(event["id"].as_u64().map(|id| (id, event)));
                }
                _ => {}
            }
        }
        for runs in schedule.runs.values_mut() {
            runs.sort_by(|one, other| one.start.total_cmp(&other.start));
        }
        schedule
    }

    /// The thread that ran at an end of an arrow. At a boundary between two threads, an arrow starts in the first one
    /// and ends in the second one.
    fn running(&self, event: &Value) -> &'trace str {
        let time = number(event, "ts");
        let runs = self.runs.get(&worker_of(event)).map_or(&[][..], Vec::as_slice);
        let at = if event["ph"] == "f" {
            runs.partition_point(|run| run.start <= time).checked_sub(1)
        } else {
            Some(runs.partition_point(|run| run.end < time))
        };
        let run = at.and_then(|at| runs.get(at)).filter(|run| run.start <= time && time <= run.end);
        run.map_or("the runtime", |run| run.name)
    }

    /// The rows in the order of time.
    fn rows(&self, events: &[Value]) -> Vec<Row> {
        let mut rows: Vec<Row> = events.iter().filter_map(|event| row_of(event, self)).collect();
        // The sort is stable: events of the same time stay in the order of the trace.
        rows.sort_by(|one, other| one.time.total_cmp(&other.time));
        rows
    }
}

fn number(event: &Value, name: &str) -> f64 {
    event[name].as_f64().unwrap_or_default()
}

fn worker_of(event: &Value) -> u64 {
    event["tid"].as_u64().unwrap_or_default()
}

/// The row of an event, unless another event says the same.
fn row_of(event: &Value, schedule: &Schedule) -> Option<Row> {
    let name = event["name"].as_str()?;
    let args = &event["args"];
    let argument = |key: &str| args[key].as_str().unwrap_or_default();
    let (thread, text) = match (event["ph"].as_str()?, event["cat"].as_str()?) {
        ("X", "run") => (name, format!("runs for {}, until: {}", number(event, "dur"), argument("ends"))),
        ("X", "gc") if name == "stopped" => {
            ("", format!("is stopped for a collection, for {}", number(event, "dur")))
        }
        ("X", "gc") => ("", format!("{name}, for {}", number(event, "dur"))),
        ("X", _) => ("", format!("{name} for {}", number(event, "dur"))),
        ("b", "thread") if args["thread"].is_u64() => {
            let site = args["spawned"].as_str().map_or(String::new(), |site| format!(", spawned at {site}"));
            (name, format!("begins{site}"))
        }
        ("e", "thread") if args["end"].is_string() => (name, format!("ends: {}", argument("end"))),
        ("s", "flow") => {
            let verb = match name {
                "spawn" => "spawns",
                "wake" => "wakes",
                "message" => "passes a message to",
                other => other,
            };
            let target =
                schedule.ends.get(&event["id"].as_u64()?).map_or("a thread", |end| schedule.running(end));
            (schedule.running(event), format!("{verb} {target}"))
        }
        ("i", "stack") => {
            let thread = args["thread"].as_u64().and_then(|number| schedule.names.get(&number)).copied();
            let text = format!("its stack grows from {} to {} bytes", args["from"], args["to"]);
            (thread.unwrap_or_default(), text)
        }
        ("i", "io") => {
            let thread = args["thread"].as_u64().and_then(|number| schedule.names.get(&number)).copied();
            let (name, file) = (event["name"].as_str()?, args["file"].as_str()?);
            let text = if thread.is_some() { format!("{name}: {file}") } else { name.to_owned() };
            (thread.unwrap_or_default(), text)
        }
        _ => return None,
    };
    Some(Row { time: number(event, "ts"), worker: worker_of(event), thread: thread.to_owned(), text })
}

fn table(rows: &[Row]) -> String {
    let mut html = format!(
        "<details class=\"events\" open><summary>The {} events</summary>\n<div class=\"scroll\"><table>\n\
         <thead><tr><th class=\"number\">Time in µs<th class=\"number\">Worker<th>Green thread<th>Event</tr></thead>\n\
         <tbody>\n",
        rows.len()
    );
    for row in rows.iter().take(ROWS) {
        let _ = writeln!(
            html,
            "<tr><td class=\"number\">{}<td class=\"number\">{}<td><code>{}</code><td>{}</tr>",
            row.time,
            row.worker,
            escaped(&row.thread),
            escaped(&row.text)
        );
    }
    html.push_str("</tbody></table></div>\n");
    if rows.len() > ROWS {
        let _ = writeln!(html, "<p class=\"note\">The table ends after {ROWS} events.</p>");
    }
    html.push_str("</details>\n");
    html
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::trace_page;

    #[test]
    fn the_table_says_who_did_what() {
        let events = json!([
            {"ph": "M", "tid": 1, "name": "thread_name", "args": {"name": "worker 1"}},
            {"ph": "b", "tid": 1, "ts": 0.0, "cat": "thread", "id": "0x1", "name": "#1 main", "args": {"thread": 1}},
            {"ph": "X", "tid": 1, "ts": 0.0, "dur": 4.0, "cat": "run", "name": "#1 main",
             "args": {"thread": 1, "ends": "join #2"}},
            {"ph": "s", "tid": 1, "ts": 4.0, "cat": "flow", "id": 1, "name": "message"},
            {"ph": "f", "tid": 1, "ts": 4.0, "cat": "flow", "id": 1, "name": "message"},
            {"ph": "X", "tid": 1, "ts": 4.0, "dur": 2.5, "cat": "run", "name": "#2 <b>", "args": {"thread": 2}},
            {"ph": "i", "tid": 1, "ts": 2.0, "cat": "stack", "name": "stack growth",
             "args": {"thread": 1, "from": 960, "to": 1984}},
            {"ph": "i", "tid": 1, "ts": 2.1, "cat": "io", "name": "read 64 bytes",
             "args": {"thread": 1, "file": "pipe 4"}},
            {"ph": "i", "tid": 1, "ts": 6.6, "cat": "io", "name": "pipe 4 is readable", "args": {"file": "pipe 4"}},
        ]);
        let page = trace_page(&json!({"traceEvents": events, "otherData": {"lost": 3}}));
        let (body, _) = page.split_once("<script type").expect("there are scripts");
        let rows: Vec<&str> = body.lines().filter(|line| line.starts_with("<tr><td")).collect();
        let ends = [
            "<td><code>#1 main</code><td>begins</tr>",
            "<td><code>#1 main</code><td>runs for 4, until: join #2</tr>",
            "<td><code>#1 main</code><td>its stack grows from 960 to 1984 bytes</tr>",
            "<td><code>#1 main</code><td>read 64 bytes: pipe 4</tr>",
            "<td><code>#1 main</code><td>passes a message to #2 &lt;b&gt;</tr>",
            "<td><code>#2 &lt;b&gt;</code><td>runs for 2.5, until: </tr>",
            "<td><code></code><td>pipe 4 is readable</tr>",
        ];
        assert_eq!(rows.len(), ends.len(), "{rows:#?}");
        for (row, end) in rows.iter().zip(ends) {
            assert!(row.ends_with(end), "{row} does not end with {end}");
        }
        assert!(body.contains("lacks the 3 oldest events"), "{body}");
        assert!(!page.contains("<b>"), "a name became markup");
    }
}
