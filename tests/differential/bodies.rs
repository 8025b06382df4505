//! Random bodies of generators and continuations, and of the code that resumes them.

use super::generators::{Function, Suspends, Type};
use super::random::Random;

/// An expression of a generator.
#[derive(Clone)]
pub struct Source {
    pub text: String,
    pub element: Type,
    /// Whether the body of the generator may suspend the continuation that contains it.
    pub suspends: bool,
}

/// The context of the code to be written: the names and types that it can use.
#[derive(Clone, Default)]
pub struct Scope {
    /// The variables: name, type, and whether they can change.
    pub values: Vec<(String, Type, bool)>,
    /// Expressions whose values are existing generators.
    pub sources: Vec<Source>,
    /// The names of functions without parameters, which return an `Int`.
    pub calls: Vec<String>,
    /// The names of vectors of continuations, and the types of the continuations: passed in, passed out, result.
    pub parked: Vec<(String, [Type; 3])>,
    pub suspenders: Vec<(String, Suspends)>,
    /// The variables with the code to which stacks around can swap back, and the type of the passed values.
    pub sides: Vec<(String, Type)>,
    /// The type of the elements, in the body of a generator.
    pub element: Option<Type>,
    /// The type of the result, in the body of a continuation.
    pub result: Option<Type>,
    /// The number of loops around the code.
    pub loops: usize,
    /// Whether the code may contain `return`, `break` and `continue`: not in a deferred block.
    pub can_leave: bool,
    /// The number of blocks around the code.
    pub depth: usize,
}

/// A writer of one function.
pub struct Writer<'a> {
    pub random: &'a mut Random,
    functions: &'a [Function],
    pub scope: Scope,
    pub text: String,
    /// The number of names that were made.
    names: usize,
}

impl<'a> Writer<'a> {
    /// The statements that are possible everywhere. A statement that is listed twice is chosen twice as often.
    const STATEMENTS: [fn(&mut Self); 28] = [
        Self::variable,
        Self::variable,
        Self::variable,
        Self::assign,
        Self::read,
        Self::read,
        Self::read,
        Self::garbage,
        Self::garbage,
        Self::pause,
        Self::branch,
        Self::branch,
        Self::choose,
        Self::count,
        Self::repeat,
        Self::deferred,
        Self::keep_source,
        Self::keep_source,
        Self::ask,
        Self::ask,
        Self::close,
        Self::consume,
        Self::consume,
        Self::method,
        Self::drive,
        Self::park,
        Self::lambda,
        Self::enter_stack,
    ];

    pub fn new(random: &'a mut Random, functions: &'a [Function]) -> Writer<'a> {
        let scope = Scope { can_leave: true, ..Scope::default() };
        Writer { random, functions, scope, text: String::new(), names: 0 }
    }

    /// Writes a function of the given signature.
    pub fn function(mut self, function: &Function) -> String {
        let mut parameters = String::new();
        for (number, (passed_in, passed_out)) in function.suspends.iter().enumerate() {
            parameters += &format!("p{number}: Suspender[{}, {}], ", passed_in.0, passed_out.0);
            self.scope.suspenders.push((format!("p{number}"), (*passed_in, *passed_out)));
        }
        parameters += "d: Int";
        for (number, ty) in function.values.iter().enumerate() {
            parameters += &format!(", a{number}: {}", ty.0);
            self.scope.values.push((format!("a{number}"), *ty, false));
        }
        let (ty, end) = function.result;
        let (word, early, last) = if function.generates {
            self.scope.element = Some(function.result);
            ("gen fn", "return".to_owned(), String::new())
        } else {
            self.scope.result = Some(function.result);
            let value = format!("make_{end}(log.h)");
            ("fn", format!("return {value}"), format!("  {value}\n"))
        };
        let name = &function.name;
        let body = self.statements();
        let tail = self.tail();
        format!(
            "{word} {name}(log: Log, {parameters}) -> {ty} {{\n  \
             if d < 0 || !log.tick() {{ {early} }}\n{body}{tail}{last}}}\n"
        )
    }

    /// Returns the last statement of a generator: sometimes a `yield from` in tail position, otherwise nothing.
    fn tail(&mut self) -> String {
        match self.scope.element {
            Some(element) if self.random.chance(40) => {
                let source = self.generator(Some(element)).text;
                match self.random.below(3) {
                    0 => format!("  if log.h % 2 == 0 {{ yield from {source} }} else {{ log.add(2) }}\n"),
                    _ => format!("  yield from {source}\n"),
                }
            }
            _ => String::new(),
        }
    }

    /// Returns the statements of a function's body.
    pub fn statements(&mut self) -> String {
        let count = 3 + self.random.below(6);
        self.block(count, |_| ())
    }

    /// Returns the text of a block: the statements that `begin` writes, then `count` random statements. The names that
    /// they declare are local to the block.
    fn block(&mut self, count: usize, begin: impl FnOnce(&mut Self)) -> String {
        let (outer, around) = (self.scope.clone(), std::mem::take(&mut self.text));
        self.scope.depth += 1;
        begin(self);
        for _ in 0..count {
            self.statement();
        }
        self.scope = outer;
        std::mem::replace(&mut self.text, around)
    }

    /// Returns the text of a short block inside the current block.
    pub fn inner(&mut self, begin: impl FnOnce(&mut Self)) -> String {
        let count = 1 + self.random.below(3);
        self.block(count, begin)
    }

    pub fn line(&mut self, line: &str) {
        self.text += &"  ".repeat(self.scope.depth);
        self.text += line;
        self.text += "\n";
    }

    /// Writes `head`, `{`, the inner block and `}`.
    pub fn around(&mut self, head: &str, inner: &str) {
        self.line(&format!("{head} {{"));
        self.text += inner;
        self.line("}");
    }

    pub fn name(&mut self, what: &str) -> String {
        self.names += 1;
        format!("{what}{}", self.names)
    }

    fn statement(&mut self) {
        // Deep blocks have simple statements: the first ten.
        let limit = if self.scope.depth > 3 { 10 } else { Self::STATEMENTS.len() };
        match self.random.below(10) {
            0..=2 if self.scope.element.is_some() => self.give(),
            3 if self.scope.element.is_some() => self.hand_on(),
            4 | 5 if !self.scope.suspenders.is_empty() => self.suspend(),
            7 if !self.scope.sides.is_empty() => self.swap_back(),
            6 if self.scope.can_leave && self.random.chance(50) => self.leave(),
            _ => self.random.of(&Self::STATEMENTS[..limit])(self),
        }
    }

    /// An expression of type `Int`, which may depend on everything that was logged before.
    pub fn number(&mut self) -> String {
        match self.random.below(3) {
            0 => "log.h".to_owned(),
            1 => format!("mix(log.h, {})", self.random.below(9)),
            _ => format!("{}", self.random.below(30)),
        }
    }

    pub fn condition(&mut self) -> String {
        let parts = 2 + self.random.below(3);
        format!("log.h % {parts} {} {}", self.random.of(&["==", "!=", ">"]), self.random.below(parts))
    }

    /// An expression of the type: a variable, a new value, or a value from a suspension.
    pub fn value(&mut self, ty: Type) -> String {
        let variables: Vec<&String> =
            self.scope.values.iter().filter(|(_, other, _)| *other == ty).map(|(name, ..)| name).collect();
        if !variables.is_empty() && self.random.chance(60) {
            return variables[self.random.below(variables.len())].clone();
        }
        let suspenders = &self.scope.suspenders;
        let fitting = suspenders.iter().find(|(_, (passed_in, _))| *passed_in == ty).cloned();
        if let Some((y, (_, passed_out))) = fitting
            && self.random.chance(40)
        {
            let out = self.made(passed_out);
            return format!("{y}.suspend({out})");
        }
        self.made(ty)
    }

    pub fn made(&mut self, ty: Type) -> String {
        format!("make_{}({})", ty.1, self.number())
    }

    /// An expression of a generator, new or in scope. The elements have the type `want`, if it is given.
    pub fn generator(&mut self, want: Option<Type>) -> Source {
        let fits = |ty: &Type| want.is_none_or(|want| want == *ty);
        let sources: Vec<&Source> =
            self.scope.sources.iter().filter(|source| fits(&source.element)).collect();
        if !sources.is_empty() && self.random.chance(25) {
            return sources[self.random.below(sources.len())].clone();
        }
        let functions: Vec<&Function> = self
            .functions
            .iter()
            .filter(|f| f.generates && fits(&f.result) && self.has(&f.suspends))
            .collect();
        if functions.is_empty() {
            // No function gives such elements, so they are converted from the elements of another generator.
            let element = want.expect("the first function can be called everywhere");
            let source = self.generator(None);
            let text =
                format!("made_of({}, |v| make_{}(of_{}(v)))", source.text, element.1, source.element.1);
            return Source { text, element, ..source };
        }
        let function = functions[self.random.below(functions.len())];
        let call = self.call(function, &[]);
        let suspends = !function.suspends.is_empty();
        Source { text: self.combined(call), element: function.result, suspends }
    }

    /// Mostly `source` itself; otherwise a generator that takes its elements from `source`.
    fn combined(&mut self, source: String) -> String {
        let few = self.random.below(6);
        match self.random.below(16) {
            0 => format!("taken({source}, {few})"),
            1 => format!("below({source}, {few})"),
            2 => format!("wrapped({source}, log)"),
            3 => format!("each({source})"),
            4 => format!("flat(both({source}))"),
            5 => format!("chained(taken({source}, 2), each({source}))"),
            6 => format!("turns({source}, taken({source}, {few}))"),
            _ => source,
        }
    }

    /// Whether there are suspenders of all these types in scope.
    fn has(&self, suspends: &[Suspends]) -> bool {
        suspends.iter().all(|wanted| self.scope.suspenders.iter().any(|(_, has)| has == wanted))
    }

    /// A call of the function. Its first suspenders are `given`; the others are chosen from the scope.
    fn call(&mut self, function: &Function, given: &[String]) -> String {
        let mut arguments = vec!["log".to_owned()];
        arguments.extend(given.iter().cloned());
        for wanted in &function.suspends[given.len()..] {
            let fitting: Vec<&String> =
                self.scope.suspenders.iter().filter(|(_, has)| has == wanted).map(|(name, _)| name).collect();
            arguments.push(fitting[self.random.below(fitting.len())].clone());
        }
        arguments.push("d - 1".to_owned());
        for ty in &function.values {
            arguments.push(self.value(*ty));
        }
        format!("{}({})", function.name, arguments.join(", "))
    }

    /// An expression of a new continuation, and its types: passed in, passed out, result.
    pub fn continuation(&mut self) -> (String, [Type; 3]) {
        let functions: Vec<&Function> =
            self.functions.iter().filter(|f| !f.generates && self.has(&f.suspends[1..])).collect();
        let function = functions[self.random.below(functions.len())];
        let (y, first) = (self.name("y"), self.name("first"));
        let (passed_in, passed_out) = function.suspends[0];
        self.scope.values.push((first.clone(), passed_in, false));
        let call = self.call(function, std::slice::from_ref(&y));
        self.scope.values.pop();
        let before = self.random.of(&["", "", "log.add(deep(40, || log.h)); "]);
        let text = format!("Cont.new(|{y}, {first}: {}| {{ {before}{call} }})", passed_in.0);
        (text, [passed_in, passed_out, function.result])
    }
}
