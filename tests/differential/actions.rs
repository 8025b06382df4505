//! The statements of random bodies of generators and continuations.

use super::bodies::{Scope, Writer};
use super::generators::{TYPES, Type};

/// The first statement of each loop: uses up fuel, and ends the loop when there is none left.
const TICK: &str = "if !log.tick() { break }";

impl Writer<'_> {
    pub fn variable(&mut self) {
        let ty = self.random.of(&TYPES);
        let value = self.value(ty);
        self.declare(ty, &value);
    }

    fn declare(&mut self, ty: Type, value: &str) {
        let (name, can_change) = (self.name("v"), self.random.chance(30));
        let word = if can_change { "var" } else { "let" };
        self.line(&format!("{word} {name} = {value}"));
        self.scope.values.push((name, ty, can_change));
    }

    pub fn assign(&mut self) {
        let changeable: Vec<(String, Type)> = self
            .scope
            .values
            .iter()
            .filter(|(_, _, can_change)| *can_change)
            .map(|(name, ty, _)| (name.clone(), *ty))
            .collect();
        if changeable.is_empty() {
            return self.variable();
        }
        let (name, ty) = &changeable[self.random.below(changeable.len())];
        let value = self.value(*ty);
        self.line(&format!("{name} = {value}"));
    }

    /// Writes code that logs the whole value of a variable, or the result of a call.
    pub fn read(&mut self) {
        let calls = self.scope.calls.len();
        if calls > 0 && self.random.chance(30) {
            let call = self.scope.calls[self.random.below(calls)].clone();
            let call = match self.random.below(3) {
                0 => format!("deep(30, {call})"),
                _ => format!("{call}()"),
            };
            return self.line(&format!("log.add({call})"));
        }
        if self.scope.values.is_empty() {
            return self.variable();
        }
        let (name, (_, end), _) = self.scope.values[self.random.below(self.scope.values.len())].clone();
        self.line(&format!("log.add(of_{end}({name}))"));
    }

    pub fn garbage(&mut self) {
        let count = self.random.of(&[1, 5, 20]);
        self.line(&format!("garbage({count})"));
    }

    pub fn pause(&mut self) {
        let number = self.number();
        match self.random.below(6) {
            0 => self.line("sleep(0)"),
            1 => self.line(&format!("log.add((spawn work({number})).join())")),
            2 => self.line(&format!("log.add(deep({number} % 90, || work(log.h)))")),
            _ => self.line("yield"),
        }
    }

    pub fn branch(&mut self) {
        let condition = self.condition();
        let (one, other) = (self.inner(|_| ()), self.inner(|_| ()));
        self.around(&format!("if {condition}"), &one);
        if self.random.chance(40) {
            self.around("else", &other);
        }
    }

    pub fn choose(&mut self) {
        let (string, wide) = (("String", "string"), ("Wide", "wide"));
        let (text, both, other) = (self.name("s"), self.name("w"), self.number());
        let one = self.inner(|w| w.scope.values.push((text.clone(), string, false)));
        let two = self.inner(|w| {
            w.scope.values.extend([(text.clone(), string, false), (both.clone(), wide, false)]);
        });
        self.line(&format!("match make_shape({other}) {{"));
        self.around(&format!("Text({text}) =>"), &one);
        self.around(&format!("Both({both}, {text}) =>"), &two);
        self.line("_ => log.add(2)");
        self.line("}");
    }

    /// Returns the body of a loop, which begins with a check of the fuel and the statements that `begin` writes.
    fn body(&mut self, begin: impl FnOnce(&mut Self)) -> String {
        self.inner(|w| {
            w.scope.loops += 1;
            w.line(TICK);
            begin(w);
        })
    }

    pub fn count(&mut self) {
        let (name, end) = (self.name("i"), self.random.below(5));
        let body = self.body(|w| w.scope.values.push((name.clone(), ("Int", "int"), false)));
        self.around(&format!("for {name} in 0..{end}"), &body);
    }

    pub fn repeat(&mut self) {
        let condition = self.condition();
        let body = self.body(|_| ());
        match self.random.below(2) {
            0 => self.around(&format!("while {condition}"), &body),
            _ => {
                self.around("loop", &format!("{body}if {condition} {{ break }}\n"));
            }
        }
    }

    pub fn deferred(&mut self) {
        if !self.scope.can_leave || self.random.chance(20) {
            let plain = self.random.of(&["garbage(3)", "yield", "log.add(4)", "sleep(0)"]);
            return self.line(&format!("defer {{ {plain} }}"));
        }
        let inner = self.inner(|w| {
            // The statements of a deferred block neither leave it nor suspend the continuation around it.
            let Scope { values, sources, calls, .. } = std::mem::take(&mut w.scope);
            let sources = sources.into_iter().filter(|source| !source.suspends).collect();
            w.scope = Scope { values, sources, calls, depth: 3, ..Scope::default() };
        });
        self.around("defer", &inner);
    }

    /// Makes a generator and puts it into a variable or an object.
    pub fn keep_source(&mut self) {
        let mut source = self.generator(None);
        let (name, made) = (self.name("it"), source.text);
        let other = self.generator(Some(source.element)).text;
        let (value, path) = match self.random.below(8) {
            0 => (format!("Holder(count: 1, g: {made}, name: \"h\")"), format!("{name}.g")),
            1 => (format!("[{made}, {other}]"), format!("{name}[log.h % 2]")),
            2 => (format!("[{made}, {other}].to_vec()"), format!("{name}[1]")),
            3 => (format!("({made}, \"t\")"), format!("{name}.0")),
            4 => (format!("Some({made})"), format!("{name}.unwrap()")),
            _ => (made, name.clone()),
        };
        self.line(&format!("let {name} = {value}"));
        // The path may select `other`, which can suspend the continuation if there is a suspender in scope.
        source.suspends |= !self.scope.suspenders.is_empty();
        self.scope.sources.push(super::bodies::Source { text: path, ..source });
    }

    /// An expression of a generator in scope, if there is one.
    fn source(&mut self) -> Option<super::bodies::Source> {
        let sources = &self.scope.sources;
        (!sources.is_empty()).then(|| sources[self.random.below(sources.len())].clone())
    }

    pub fn ask(&mut self) {
        let Some(source) = self.source() else { return self.keep_source() };
        let (name, text, (_, end)) = (self.name("v"), source.text, source.element);
        let variable = (name.clone(), source.element, false);
        match self.random.below(4) {
            0 => self.line(&format!("log.add({text}.next().map(|v| of_{end}(v)).unwrap_or(1))")),
            1 => {
                let body = self.body(|w| w.scope.values.push(variable));
                self.around(&format!("while let Some({name}) = {text}.next()"), &body);
            }
            2 => {
                let made = self.made(source.element);
                self.line(&format!("let {name} = {text}.next().unwrap_or({made})"));
                self.scope.values.push(variable);
            }
            _ => {
                let inner = self.inner(|w| w.scope.values.push(variable));
                self.around(&format!("if let Some({name}) = {text}.next()"), &inner);
            }
        }
    }

    pub fn close(&mut self) {
        let Some(source) = self.source() else { return self.read() };
        self.line(&format!("{}.close()", source.text));
    }

    pub fn consume(&mut self) {
        let source = self.generator(None);
        let name = self.name("v");
        let variable = (name.clone(), source.element, false);
        let body = self.body(|w| w.scope.values.push(variable));
        self.around(&format!("for {name} in {}", source.text), &body);
    }

    /// Takes elements through a method of a generator.
    pub fn method(&mut self) {
        let source = self.generator(None);
        let (text, (_, end), few) = (source.text, source.element, self.random.below(5));
        let line = match self.random.below(9) {
            0 => format!("for (i, v) in {text}.enumerate() {{ {TICK}; log.add(i + of_{end}(v)) }}"),
            1 => {
                format!("for n in {text}.map(|v| {{ garbage(2); of_{end}(v) }}).take({few}) {{ log.add(n) }}")
            }
            2 => format!("log.add({text}.filter(|v| of_{end}(v) % 2 == 0).count())"),
            3 => format!("let _ = {text}.find(|v| {{ log.add(of_{end}(v)); log.h % 3 == 0 }})"),
            4 => format!("log.add({text}.fold({few}, |h, v| mix(h, of_{end}(v))))"),
            5 => format!("for v in {text}.to_array() {{ log.add(of_{end}(v)) }}"),
            6 => format!("for v in {text}.skip({few}) {{ {TICK}; log.add(of_{end}(v)) }}"),
            7 => {
                let other = self.generator(None);
                let (other, (_, of)) = (other.text, other.element);
                format!(
                    "for (a, b) in {text}.zip({other}.iter()) {{ {TICK}; log.add(mix(of_{end}(a), of_{of}(b))) }}"
                )
            }
            _ => format!("if {text}.any(|v| of_{end}(v) % 4 == {few}) {{ log.add({few}) }}"),
        };
        self.line(&line);
    }

    /// Writes a loop that resumes a new continuation until it ends, or until a statement leaves the loop.
    pub fn drive(&mut self) {
        let (made, [passed_in, passed_out, result]) = self.continuation();
        let (step, out) = (self.name("step"), self.name("out"));
        let (first, next) = (self.value(passed_in), self.made(passed_in));
        self.line(&format!("var {step} = {made}.resume({first})"));
        self.line("loop {");
        self.line(TICK);
        let inner = self.inner(|w| {
            w.scope.loops += 1;
            w.scope.values.push((out.clone(), passed_out, false));
        });
        self.line(&format!("match {step} {{"));
        self.line(&format!("Suspended(next, {out}) => {{"));
        self.text += &inner;
        self.line(&format!("{step} = next.resume({next})"));
        self.line("}");
        self.line(&format!("Done(r) => {{ log.add(of_{}(r)); break }}", result.1));
        self.line("}");
        self.line("}");
    }

    /// Writes code that puts a new continuation into a vector, or resumes a continuation from such a vector.
    pub fn park(&mut self) {
        let parked = &self.scope.parked;
        if parked.is_empty() {
            let (made, types) = self.continuation();
            let name = self.name("ks");
            self.line(&format!("let {name} = [{made}].to_vec()"));
            self.scope.parked.push((name, types));
            return;
        }
        let (name, [passed_in, (_, out), (_, end)]) = parked[self.random.below(parked.len())].clone();
        let value = self.value(passed_in);
        self.around(
            &format!("if let Some(k) = {name}.pop()"),
            &format!(
                "match k.resume({value}) {{\nSuspended(next, out) => {{ garbage(3); {name}.push(next); \
                 log.add(of_{out}(out)) }}\n\
                 Done(r) => log.add(of_{end}(r))\n}}\n"
            ),
        );
    }

    /// Writes a closure that shares a variable with the code around it.
    pub fn lambda(&mut self) {
        let (name, variable) = (self.name("f"), self.name("v"));
        let ty = self.random.of(&TYPES);
        let (value, next) = (self.made(ty), self.made(ty));
        self.line(&format!("var {variable} = {value}"));
        let call = match self.source() {
            Some(source) if self.scope.suspenders.is_empty() => {
                format!("{}.next().map(|v| of_{}(v)).unwrap_or(1)", source.text, source.element.1)
            }
            _ => "log.h".to_owned(),
        };
        self.line(&format!("let {name} = || {{"));
        self.line(&format!("let n = of_{}({variable})", ty.1));
        self.line(&format!("if n % 3 == 0 {{ {variable} = {next} }}"));
        self.line(&format!("mix(n, {call})"));
        self.line("}");
        self.scope.values.push((variable, ty, true));
        self.scope.calls.push(name);
    }

    pub fn give(&mut self) {
        let Some(element) = self.scope.element else { return };
        let value = self.value(element);
        self.line(&format!("yield {value}"));
    }

    pub fn hand_on(&mut self) {
        let Some(element) = self.scope.element else { return };
        let source = self.generator(Some(element)).text;
        self.line(&format!("yield from {source}"));
    }

    pub fn suspend(&mut self) {
        let suspenders = &self.scope.suspenders;
        let (y, (passed_in, passed_out)) = suspenders[self.random.below(suspenders.len())].clone();
        let out = self.value(passed_out);
        self.switch(passed_in, &format!("{y}.suspend({out})"));
    }

    /// Writes a use of an expression that leaves the running stack and has the type `ty`.
    pub fn switch(&mut self, ty: Type, expression: &str) {
        match self.random.below(3) {
            0 => self.line(&format!("log.add(of_{}({expression}))", ty.1)),
            1 => self.line(&format!("log.add(deep(log.h % 60, || of_{}({expression})))", ty.1)),
            _ => self.declare(ty, expression),
        }
    }

    /// Writes a conditional `return`, `break` or `continue`.
    pub fn leave(&mut self) {
        let condition = self.condition();
        let way = match (self.random.below(3), self.scope.element, self.scope.result) {
            (0, Some(_), _) => "return".to_owned(),
            (0, _, Some(result)) => format!("return {}", self.value(result)),
            (1, ..) if self.scope.loops > 0 => "continue".to_owned(),
            _ if self.scope.loops > 0 => "break".to_owned(),
            _ => return self.read(),
        };
        self.line(&format!("if {condition} {{ {way} }}"));
    }
}
