//! The report: points by their place in the source, each with its code in each way.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use weft_abi::layout::{ENTRY_SUFFIX, VALUE_SUFFIX};

use super::dwarf::Position;
use super::ir::Ir;
use super::model::{Bytes, Code, Place, Point, Slot, SourceFile, Switches, Way};
use super::names::{self, Names};
use super::sequence::Sequence;
use super::sites::{Form, Site};
use super::stack::{self, Cell, Content};
use super::unit::Unit;
use super::{Compiled, PEERS, Settings};
use crate::listing::yield_points::{self, Kind};
use crate::mir::Program;
use crate::source::SourceMap;

/// The version of the data.
const VERSION: u32 = 1;

/// A point's place in the order of the report: the library's points come last.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    library: bool,
    file: String,
    line: u32,
    column: u32,
    function: String,
    kind: &'static str,
}

/// Collects the report on a program that is compiled in several ways.
pub(super) fn report(
    program: &Program,
    sources: &SourceMap,
    compiled: &[Compiled],
    settings: &Settings,
) -> Result<Switches, String> {
    let names = Names::new(program, sources);
    let kinds = yield_points::kinds(program, sources);
    let mut points: BTreeMap<Key, Point> = BTreeMap::new();
    let parts: Vec<Result<Vec<(Key, Point)>, String>> =
        compiled.iter().map(|way| of_way(&names, &kinds, way, settings)).collect();
    for part in parts {
        for (key, point) in part? {
            match points.get_mut(&key) {
                Some(known) => known.code.extend(point.code),
                None => {
                    points.insert(key, point);
                }
            }
        }
    }
    let mut points: Vec<Point> = points.into_values().collect();
    points.iter_mut().enumerate().for_each(|(index, point)| point.id = index + 1);
    let ways = compiled.iter().map(|way| totals(way, &points)).collect();
    Ok(Switches {
        version: VERSION,
        program: settings.program.clone(),
        line: settings.line,
        level: settings.level,
        generators: settings.generators.clone(),
        peers: PEERS
            .iter()
            .map(|&(name, bytes)| super::model::Peer { name: name.to_owned(), bytes })
            .collect(),
        chosen: settings.chosen.clone(),
        ways,
        files: files(sources, &points),
        points,
    })
}

/// The points of the program in one way.
fn of_way(
    names: &Names<'_>,
    kinds: &HashMap<yield_points::Position, Kind>,
    way: &Compiled,
    settings: &Settings,
) -> Result<Vec<(Key, Point)>, String> {
    let unit = Unit::read(&way.object, way.described.as_deref())?;
    let ir = way.ir.as_deref().map(Ir::of);
    let mut points = Vec::new();
    for site in &unit.sites.all {
        let chain = unit.chain(site.function, site.first);
        let own = chain.iter().position(|at| names.is_own(at));
        let Some(at) = own.or_else(|| chain.len().checked_sub(1)) else { continue };
        let place = &chain[at];
        let is_chosen = |line: u32| {
            chain.iter().any(|at| at.line == line && at.file == settings.program && names.is_own(at))
        };
        if settings.line.is_some_and(|line| !is_chosen(line)) {
            continue;
        }
        // Code around a function, with which a thread starts or a function value is called, is not the program's.
        let is_around = |name: &str| name.ends_with(ENTRY_SUFFIX) || name.ends_with(VALUE_SUFFIX);
        if matches!(site.form, Form::Call(_)) && is_around(&place.function) {
            continue;
        }
        let (kind, about) = kind(names, &unit, site, &chain[..at], &chain, kinds);
        let key = Key {
            library: own.is_none(),
            file: place.file.clone(),
            line: place.line,
            column: place.column,
            function: place.function.clone(),
            kind,
        };
        let inside = chain[..at].iter().rev().map(names::place).collect();
        let code = code(names, &unit, site, way, ir.as_ref().map(|ir| (ir, chain.as_slice())));
        let (library, place) = (own.is_none(), names::place(place));
        let kind = kind.to_owned();
        points.push((key, Point { id: 0, kind, about, place, inside, library, code: vec![code] }));
    }
    Ok(points)
}

/// The code of a point in one way.
fn code(
    names: &Names<'_>,
    unit: &Unit<'_>,
    site: &Site,
    way: &Compiled,
    ir: Option<(&Ir<'_>, &[Position])>,
) -> Code {
    let cells = stack::cells(unit, site);
    let slots: Vec<Slot> =
        cells.iter().enumerate().map(|(id, cell)| slot(names, unit, site, id, cell, &cells)).collect();
    let depths: Vec<i64> = cells.iter().map(|cell| cell.depth).collect();
    let sum = |pushed: bool| -> u32 {
        slots.iter().filter(|slot| slot.saved && slot.pushed == pushed).map(|slot| slot.size).sum()
    };
    let (pushed, live) = (sum(true), sum(false));
    let symbol = unit.green[site.function].function.name.to_owned();
    let form = match &site.form {
        Form::Inline(_) => "inline",
        Form::Stub(_) | Form::Foreign(_) => "stub",
        Form::Call(_) => "call",
    };
    Code {
        way: way.name.clone(),
        form: form.to_owned(),
        bytes: Bytes { pushed, live, total: pushed + live },
        frame: site.depth.unsigned_abs() as u32,
        instructions: Sequence::of(unit, names, site, &slots, &depths),
        ir: ir.map_or_else(Vec::new, |(ir, chain)| ir.around(&symbol, chain, names)),
        stack: slots,
        symbol,
    }
}

/// A cell as data.
fn slot(names: &Names<'_>, unit: &Unit<'_>, site: &Site, id: usize, cell: &Cell, all: &[Cell]) -> Slot {
    let lowest = all.last().map_or(0, |last| last.depth);
    let (mut named, mut place, mut operand) = (false, None, None);
    let (kind, name) = match &cell.content {
        Content::Live => {
            let value = names.value(unit, site, cell.depth);
            (named, place) = (value.named, value.place);
            let offset = cell.depth - site.depth;
            operand = Some(if offset == 0 { "(%rsp)".to_owned() } else { format!("{offset}(%rsp)") });
            (if value.register { "register" } else { "value" }, value.name)
        }
        Content::Free => ("free", String::new()),
        Content::Inner => ("register", "frame of the outlined code".to_owned()),
        Content::Register(register) => ("register", register.clone()),
        Content::Limit => ("limit", "stack limit".to_owned()),
        Content::Resume => ("resume-address", "resume address".to_owned()),
        Content::Return => ("return-address", "return address".to_owned()),
        Content::Waker => ("mailbox", "the waker's word".to_owned()),
        Content::Value => ("mailbox", "a word of the value".to_owned()),
        Content::ControlWords => ("control-words", "control words of SSE and x87".to_owned()),
        Content::Context => ("context", "ucontext_t".to_owned()),
    };
    Slot {
        id,
        offset: (cell.depth - lowest) as u32,
        size: cell.size as u32,
        kind: kind.to_owned(),
        name,
        named,
        saved: cell.pushed || kind != "free",
        pushed: cell.pushed,
        operand,
        place,
    }
}

/// The kind of a point, and a description.
fn kind(
    names: &Names<'_>,
    unit: &Unit<'_>,
    site: &Site,
    inside: &[Position],
    chain: &[Position],
    kinds: &HashMap<yield_points::Position, Kind>,
) -> (&'static str, String) {
    let callee = match site.form {
        Form::Call(Some(callee)) => Some(unit.name(callee)),
        Form::Call(None) | Form::Inline(_) | Form::Stub(_) | Form::Foreign(_) => None,
    };
    // The function of the library that the program calls: inlined, or called. A function of the program may have the
    // same name and do something else.
    let called = inside.last().map(|at| at.function.as_str());
    let own_kind = called.or(callee.filter(|name| names.is_of_library(name))).map(base);
    let known = chain.iter().find_map(|at| kinds.get(&(at.file.clone(), at.line, at.column)));
    let waits = known.map_or("call", |&kind| word(kind));
    let kind = match own_kind {
        Some("send") => "send",
        Some("recv") => "receive",
        Some("join") => "join",
        Some("sleep") => "sleep",
        Some("lock") => "lock",
        _ if callee.is_some_and(|name| names.is_of_library(name) && base(name) == "acquire") => "lock",
        Some("next") if waits == "call" => "next",
        _ => waits,
    };
    let about = match (kind, callee) {
        ("call", Some(name)) => format!("calls `{name}`, which may switch"),
        ("call", None) => "calls a function value, which may switch".to_owned(),
        _ => about(kind).to_owned(),
    };
    (kind, about)
}

/// The kind of a point by its operation in MIR, in the words of the report.
fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Yield => "yield",
        Kind::Join | Kind::Task => "join",
        Kind::Blocking => "blocking-call",
        Kind::Value => "receive",
        Kind::Receiver => "send",
        Kind::Select => "select",
        Kind::Scope => "scope",
        Kind::Resume => "resume",
        Kind::Suspend => "suspend",
        Kind::Swap => "swap",
        Kind::Generator => "next",
        Kind::GeneratorYield => "generator-yield",
        Kind::Other => "wait",
    }
}

/// The last part of a function's name, without type arguments: `send` for `Chan[Int].send`.
fn base(name: &str) -> &str {
    let end = name.split_once(' ').map_or(name, |(name, _)| name);
    let end = match end.strip_suffix(']') {
        Some(_) => end.rsplit_once('[').map_or(end, |(name, _)| name),
        None => end,
    };
    end.rsplit('.').next().unwrap_or(end)
}

/// A description of a kind.
fn about(kind: &str) -> &'static str {
    match kind {
        "yield" => "lets the other threads run",
        "send" => "waits until a receiver takes the value",
        "receive" => "waits for a value",
        "join" => "waits for the end of a thread",
        "sleep" => "waits for a time",
        "lock" => "waits for the lock",
        "select" => "waits for one of several things",
        "scope" => "waits for the threads of the scope",
        "blocking-call" => "waits for a blocking call",
        "resume" => "enters a continuation",
        "suspend" => "leaves a continuation",
        "swap" => "leaves a stack for another",
        "next" => "enters a generator",
        "generator-yield" => "leaves a generator",
        _ => "waits",
    }
}

/// The totals of a way.
fn totals(way: &Compiled, points: &[Point]) -> Way {
    let own = || points.iter().filter(|point| !point.library);
    let of_way = |code: &&Code| code.way == way.name;
    let code = own().flat_map(|point| &point.code).filter(of_way);
    let mut bytes: Vec<u32> = code.map(|code| code.bytes.total).collect();
    bytes.sort_unstable();
    let at = |index: usize| bytes.get(index).copied().unwrap_or(0);
    Way {
        name: way.name.clone(),
        about: way.about.clone(),
        points: own().filter(|point| point.code.iter().any(|code| of_way(&code))).count(),
        least: at(0),
        median: at(bytes.len().saturating_sub(1) / 2),
        most: at(bytes.len().saturating_sub(1)),
    }
}

/// The files that points mention.
fn files(sources: &SourceMap, points: &[Point]) -> Vec<SourceFile> {
    let places = points.iter().flat_map(|point| point.inside.iter().chain([&point.place]));
    let slots = points.iter().flat_map(|point| &point.code);
    let inner = slots.flat_map(|code| {
        let slots = code.stack.iter().filter_map(|slot| slot.place.as_ref());
        slots.chain(code.instructions.iter().filter_map(|instruction| instruction.place.as_ref()))
    });
    let names: BTreeSet<&str> = places.chain(inner).map(|place: &Place| place.file.as_str()).collect();
    let files = sources.files().filter(|(_, file)| names.contains(file.name.as_str()));
    let lines = |text: &str| text.lines().map(str::to_owned).collect();
    files.map(|(_, file)| SourceFile { name: file.name.clone(), lines: lines(&file.text) }).collect()
}
