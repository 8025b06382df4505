; Functions whose machine code shows what LLVM does around a switch. `facts.rs` compiles them, and puts the registers that
; a switch clobbers in the place of EVERYTHING; `docs/technique.md` tells the results.
target triple = "x86_64-unknown-linux-gnu"

; A leaf function keeps its local below rsp, where a switch pushes.
define i64 @red_zone(i64 %a) nounwind {
  %p = alloca i64
  store volatile i64 %a, ptr %p
  call void asm sideeffect "#SWITCH", "~{memory}"()
  %v = load volatile i64, ptr %p
  ret i64 %v
}

define i64 @no_red_zone(i64 %a) nounwind noredzone {
  %p = alloca i64
  store volatile i64 %a, ptr %p
  call void asm sideeffect "#SWITCH", "~{memory}"()
  %v = load volatile i64, ptr %p
  ret i64 %v
}

; The misspelt register is ignored, so the value stays where it was.
define i64 @unknown_clobber(i64 %a) nounwind {
  call void asm sideeffect "#SWITCH", "~{raxx},~{memory}"()
  ret i64 %a
}

; The list ends at xmm15; this CPU has more registers.
define <8 x i64> @more_registers(<8 x i64> %a) nounwind "target-cpu"="x86-64-v4" {
  call void asm sideeffect "#SWITCH", "EVERYTHING"()
  ret <8 x i64> %a
}

; The list names xmm0 to xmm15, of which ymm0 to ymm15 are extensions.
define <8 x float> @wide_register(<8 x float> %a) nounwind noredzone "target-features"="+avx" {
  call void asm sideeffect "#SWITCH", "EVERYTHING"()
  ret <8 x float> %a
}

define i64 @frame_pointer(i64 %a) nounwind "frame-pointer"="all" {
  call void asm sideeffect "#SWITCH", "EVERYTHING"()
  ret i64 %a
}

; Its size is known only when it runs, so LLVM needs a frame pointer although the attribute forbids it.
declare void @use(ptr)
define void @dynamic_alloca(i64 %size) nounwind "frame-pointer"="none" {
  %p = alloca i64, i64 %size
  call void @use(ptr %p)
  ret void
}

; How many registers does a function save for its caller, if it clobbers all of them?
define i64 @as_in_c(i64 %a) nounwind noredzone "frame-pointer"="none" {
  call void asm sideeffect "#SWITCH", "EVERYTHING"()
  ret i64 %a
}

define preserve_nonecc i64 @preserve_none(i64 %a) nounwind noredzone "frame-pointer"="none" {
  call void asm sideeffect "#SWITCH", "EVERYTHING"()
  ret i64 %a
}

define i64 @saves_none(i64 %a) nounwind noredzone noinline "frame-pointer"="none" "no_callee_saved_registers" {
  call void asm sideeffect "#SWITCH", "EVERYTHING"()
  ret i64 %a
}

; A call through a pointer needs the attribute, too: without it the caller keeps its value in a register that the callee
; changes.
define i64 @indirect_call(i64 %a, ptr %f) nounwind "frame-pointer"="none" {
  %r = call i64 %f(i64 %a)
  %s = add i64 %r, %a
  ret i64 %s
}

define i64 @indirect_call_saves_none(i64 %a, ptr %f) nounwind "frame-pointer"="none" {
  %r = call i64 %f(i64 %a) "no_callee_saved_registers"
  %s = add i64 %r, %a
  ret i64 %s
}

; The address of a thread-local variable is computed once, before the switch.
@variable = external thread_local global i64
declare ptr @llvm.threadlocal.address.p0(ptr)
define i64 @thread_local(i64 %a) nounwind noredzone {
  %before = call ptr @llvm.threadlocal.address.p0(ptr @variable)
  store i64 %a, ptr %before
  call void asm sideeffect "#SWITCH", "EVERYTHING"()
  %after = call ptr @llvm.threadlocal.address.p0(ptr @variable)
  %v = load i64, ptr %after
  ret i64 %v
}

; A load relative to %fs is made again after the switch.
define i64 @relative_to_fs(i64 %a) nounwind noredzone {
  store i64 %a, ptr addrspace(257) inttoptr (i64 112 to ptr addrspace(257))
  call void asm sideeffect "#SWITCH", "EVERYTHING"()
  %v = load i64, ptr addrspace(257) inttoptr (i64 112 to ptr addrspace(257))
  ret i64 %v
}

; The loop is unrolled, so the assembly is there three times.
define void @unrolled() nounwind noredzone {
  br label %body
body:
  %i = phi i64 [ 0, %0 ], [ %next, %body ]
  call void asm sideeffect "leaq 1f(%rip), %rax; 1:", "EVERYTHING"()
  %next = add i64 %i, 1
  %done = icmp eq i64 %next, 3
  br i1 %done, label %exit, label %body
exit:
  ret void
}

; The prologue checks the stack.
define void @small_frame(i64 %n) nounwind noredzone "split-stack" "frame-pointer"="none" {
  %p = alloca [31 x i64]
  call void asm sideeffect "", "*m,~{memory}"(ptr elementtype([31 x i64]) %p)
  ret void
}

define void @large_frame(i64 %n) nounwind noredzone "split-stack" "frame-pointer"="none" {
  %p = alloca [100 x i64]
  call void asm sideeffect "", "*m,~{memory}"(ptr elementtype([100 x i64]) %p)
  ret void
}

; Nothing is live over the call, so without padding the frame is empty.
define void @recursion(i64 %n) nounwind noredzone "split-stack" "frame-pointer"="none" "disable-tail-calls"="true" {
  %end = icmp eq i64 %n, 0
  br i1 %end, label %exit, label %deeper
deeper:
  %less = sub i64 %n, 1
  call void @recursion(i64 %less)
  ret void
exit:
  ret void
}

; The rare path switches; the other path needs no frame.
define i64 @rare_switch(i64 %a) nounwind noredzone "frame-pointer"="none" {
  %rare = icmp eq i64 %a, 0
  br i1 %rare, label %switch, label %usual
switch:
  call void asm sideeffect "#SWITCH", "EVERYTHING"()
  ret i64 %a
usual:
  ret i64 7
}

define i64 @rare_switch_and_check(i64 %a) nounwind noredzone "split-stack" "frame-pointer"="none" {
  %rare = icmp eq i64 %a, 0
  br i1 %rare, label %switch, label %usual
switch:
  call void asm sideeffect "#SWITCH", "EVERYTHING"()
  ret i64 %a
usual:
  ret i64 7
}

; Arguments that do not fit in registers are pushed below the frame that the prologue has checked.
declare void @many(i64, i64, i64, i64, i64, i64, i64, i64)
define void @stack_arguments() nounwind noredzone "split-stack" "frame-pointer"="none" {
  call void @many(i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7)
  ret void
}
