//! The statements of random bodies that swap stacks.

use super::bodies::Writer;
use super::generators::TYPES;

impl Writer<'_> {
    /// Writes a loop that swaps with a new stack until it ends, or until a statement leaves the loop. The stack's
    /// function has random statements, some of which swap back.
    pub fn enter_stack(&mut self) {
        let ty = self.random.of(&TYPES);
        let [stack, side, first, out] = ["s", "side", "first", "out"].map(|what| self.name(what));
        let inside = self.inner(|w| {
            w.line(&format!("let {side} = Side(stack: from)"));
            w.scope.values.push((first.clone(), ty, false));
            w.scope.sides.push((side.clone(), ty));
            w.scope.element = None;
            w.scope.result = None;
            w.scope.loops = 0;
            w.swap_back();
        });
        self.line(&format!("var {stack}: Stack[{}] = newstack(|from, {first}| {{", ty.0));
        self.text += &inside;
        let last = self.made(ty);
        self.line(&format!("({side}.stack, {last})"));
        self.line("})");
        let value = self.value(ty);
        let loop_body = self.inner(|w| {
            w.scope.loops += 1;
            w.line("if !log.tick() { break }");
            w.line(&format!("let (next, {out}) = swapstack({stack}, {value})"));
            w.line(&format!("{stack} = next"));
            w.line(&format!("if {stack}.has_ended() {{ log.add(of_{}({out})); break }}", ty.1));
            w.scope.values.push((out.clone(), ty, false));
        });
        self.around("loop", &loop_body);
        if self.random.chance(40) {
            self.line(&format!("{stack}.close()"));
        }
    }

    /// Writes a swap with the code that has entered the innermost or another stack around.
    pub fn swap_back(&mut self) {
        let (side, ty) = self.scope.sides[self.random.below(self.scope.sides.len())].clone();
        let value = self.value(ty);
        self.switch(ty, &format!("swap_back({side}, {value})"));
    }
}
