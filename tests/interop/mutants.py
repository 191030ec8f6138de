"""Shows that the vectors notice an implementation with one rule left out.

    mutants.py [--list] [--every N] [WORD]
        --list: say what every mutant is; --every N: only each N-th
        WORD: only those whose name has it

Every mutant is latchkey_token.py with one change: a condition or a part of one that is left out, a
limit that is off by one, two checks in the other order, a statement that is gone, a field that
isn't looked at, a look-alike that is missing. The vectors are read with each; a mutant is noticed
if one of them isn't read as it says. Those that survive and say nothing else than the document may
be listed in survivors.txt with the reason. It fails if fewer are noticed than LEAST says.
"""

import ast
import collections
import copy
import os
import resource
import signal
import sys
import time
from pathlib import Path

import interop
import latchkey_token as latchkey

HERE = Path(__file__).parent
SOURCE = (HERE / "latchkey_token.py").read_text(encoding="utf-8")
# Reading half a million symbols takes this implementation seconds: only what is about a whole text
# meets these.
LARGE = ("text-too-large", "text-too-many", "text-largest", "text-many")
ABOUT_LARGE = ("10_000", "16 * 1024")
# What makes tokens, and what a library or a reader's own choice answers for.
LEFT_OUT = {
    "Party", "signed_message", "seal", "encode_head", "encode_cbor", "write_payload", "pack_code", "unpack_code", "hash_trait",
    "digest_traits", "symbols_of", "write_lines", "write_text", "make_generator", "make_syndromes", "multiply", "to_symbols",
    "tag_of", "sha256", "mail_text", "page_text", "shown", "link_text", "written_out", "unpack",
}  # fmt: skip
# No vector that meets all mutants takes a second.
# Before this line of the source tokens are opened, after it texts are read; these are about both.
TEXT_FROM = SOURCE[: SOURCE.index("# --- 6. Text")].count("\n")
ABOUT_BOTH = {"Refused", "check_envelope"}
CPU_SECONDS = 2
MEMORY = 2 << 30


class Mutant:
    def __init__(self, name, change, lines=None, about_large=False, is_about_opening=None):
        # The lines of the source of which one must be run for the change to matter; None: any.
        self.name, self.change, self.lines = name, change, lines
        self.about_large, self.is_about_opening = about_large, is_about_opening


def blocks(node):
    for block in ("body", "orelse", "finalbody"):
        if isinstance(getattr(node, block, None), list):
            yield node, block


def changes(tree):
    """Each change as what it says, the statement that it is in, and what does and undoes it."""
    for owner in functions(tree):
        inner = {id(node) for function in functions(owner) for node in ast.walk(function)}
        own = [node for statement in owner.body for node in ast.walk(statement) if id(node) not in inner]
        for node in own:
            yield from changes_of(node, owner)
            for parent, block in blocks(node):
                yield from changes_of_block(parent, block)
        yield from changes_of_block(owner, "body")


def functions(node):
    for child in ast.iter_child_nodes(node):
        named = isinstance(child, (ast.FunctionDef, ast.ClassDef))
        if named and child.name in LEFT_OUT:
            continue
        if isinstance(child, ast.FunctionDef):
            yield child
        yield from functions(child)


def changes_of(node, owner):
    was = ast.unparse(node)

    def replaced(field, value, said):
        before = getattr(node, field)
        return said, node, lambda: setattr(node, field, value), lambda: setattr(node, field, before)

    if isinstance(node, ast.BoolOp):
        for index, part in enumerate(node.values):
            rest = node.values[:index] + node.values[index + 1 :] + [ast.Constant(isinstance(node.op, ast.And))]
            yield replaced("values", rest, f"{was} without {ast.unparse(part)}")
    if isinstance(node, (ast.If, ast.IfExp)):
        test = ast.unparse(node.test)
        yield replaced("test", ast.Constant(False), f"never: if {test}")
        if node.orelse:
            yield replaced("test", ast.Constant(True), f"always: if {test}")
    if isinstance(node, ast.comprehension):
        for index, part in enumerate(node.ifs):
            rest = node.ifs[:index] + node.ifs[index + 1 :]
            said = replaced("ifs", rest, f"whatever {ast.unparse(part)}")
            yield said[0], part, said[2], said[3]
    if isinstance(node, ast.Compare):
        other = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
        for index, operator in enumerate(node.ops):
            if type(operator) in other:
                ops = node.ops[:index] + [other[type(operator)]()] + node.ops[index + 1 :]
                yield replaced("ops", ops, f"{was} with another {index + 1}. bound")
    if isinstance(node, ast.Constant) and type(node.value) is int and node.value > 2:
        for by in (1, -1):
            yield replaced("value", node.value + by, f"{node.value + by} for {node.value}")


def changes_of_block(parent, block):
    body = getattr(parent, block)

    def replaced(value, said, node):
        return said, node, lambda: setattr(parent, block, value), lambda: setattr(parent, block, body)

    for index, statement in enumerate(body):
        gone = [ast.Pass()] if len(body) == 1 else []
        is_call = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
        if is_call or isinstance(statement, (ast.AugAssign, ast.Break, ast.Continue)):
            rest = body[:index] + gone + body[index + 1 :]
            yield replaced(rest, f"without {ast.unparse(statement)}", statement)
        if index and raises(statement) and raises(body[index - 1]):
            swapped = body[: index - 1] + [statement, body[index - 1]] + body[index + 1 :]
            said = f"{first_line(statement)} before {first_line(body[index - 1])}"
            yield *replaced(swapped, said, statement), body[index - 1]


def raises(statement):
    return isinstance(statement, (ast.If, ast.Try)) and any(isinstance(node, ast.Raise) for node in ast.walk(statement))


def first_line(statement):
    return ast.unparse(statement).splitlines()[0]


def placed(tree):
    """Each node's function and statement."""
    places = {}

    def visit(node, function, statement):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            function = node.name if not function else f"{function}.{node.name}"
        if isinstance(node, ast.stmt):
            statement = node
        places[id(node)] = (function, statement)
        for child in ast.iter_child_nodes(node):
            visit(child, function, statement)

    visit(tree, "", None)
    return places


def mutants():
    tree = ast.parse(SOURCE)
    places, named = placed(tree), {}
    for said, node, do, undo, *extent in changes(tree):
        function, statement = places[id(node)]
        extent = extent[0] if extent else None
        name = f"{function}: {' '.join(said.split())}"
        named[name] = named.get(name, 0) + 1
        name += f" ({named[name]})" if named[name] > 1 else ""
        segment = ast.get_source_segment(SOURCE, statement) or ""
        about_large = any(word in segment.split("\n")[0] for word in ABOUT_LARGE)
        top = next(top for top in tree.body if top.lineno <= statement.lineno <= top.end_lineno)
        is_about_opening = None if top.name in ABOUT_BOTH else top.end_lineno < TEXT_FROM
        first, last = (extent or statement).lineno, statement.end_lineno
        yield Mutant(name, (top, do, undo), set(range(first, last + 1)), about_large, is_about_opening)
    yield from mutants_of_tables()


def mutants_of_tables():
    module = latchkey
    for kind, fields in module.FIELDS.items():
        for index, (key, field, _, required) in enumerate(fields):
            if required:
                yield Mutant(f"FIELDS: {kind} without {key}, {field}", ("absent", kind, index))
            yield Mutant(f"FIELDS: any value for {kind} {key}, {field}", ("any", kind, index))
    for symbol, alike in module.LOOK_ALIKES.items():
        for character in alike:
            yield Mutant(f"LOOK_ALIKES: {symbol} without U+{ord(character):04X}", ("alike", character))
    for symbol in "OILU":
        yield Mutant(f"VALUES: no symbol for {symbol}", ("alike", symbol))
    for character in module.BIDI_CONTROL:
        yield Mutant(f"BIDI_CONTROL: without U+{ord(character):04X}", ("bidi", character))
    for kind in module.PREFIXES:
        yield Mutant(f"PREFIX_VALUES: without {kind}", ("prefix", kind))


def put_in(mutant):
    """Changes the module; gives what undoes that."""
    module = vars(latchkey)
    if isinstance(mutant.change[0], ast.AST):
        tree, do, undo = mutant.change
        do()
        try:
            code = compile(ast.fix_missing_locations(ast.Module([tree], [])), latchkey.__file__, "exec")
        finally:
            undo()
        before = module[tree.name]
        exec(code, module)
        undo = {tree.name: before, "FIELDS": module["FIELDS"]}
        # The table of fields holds the rules themselves.
        module["FIELDS"] = {
            kind: [(key, name, module[tree.name] if rule is before else rule, required) for key, name, rule, required in fields]
            for kind, fields in module["FIELDS"].items()
        }
        return undo
    table, change = {
        "absent": lambda kind, index: ("FIELDS", lambda fields: fields[kind].__setitem__(index, (*fields[kind][index][:3], False))),
        "any": lambda kind, index: (
            "FIELDS",
            lambda fields: fields[kind].__setitem__(index, (*fields[kind][index][:2], lambda value: True, fields[kind][index][3])),
        ),
        "alike": lambda character: ("VALUES", lambda values: values.pop(character)),
        "prefix": lambda kind: ("PREFIX_VALUES", lambda prefixes: prefixes.pop(kind)),
        "bidi": lambda character: ("BIDI_CONTROL", None),
    }[mutant.change[0]](*mutant.change[1:])
    before = module[table]
    if change is None:
        module[table] = before.replace(mutant.change[1], "")
    else:
        module[table] = copy.deepcopy(before)
        change(module[table])
    return {table: before}


class OutOfTime(BaseException):
    pass


def out_of_time(*_):
    raise OutOfTime


def noticed_by(mutant, vectors):
    """The first vector that isn't read as it says, or None."""
    undo = put_in(mutant)
    # What reads the text has nothing to do with what opens the token: the other half is remembered.
    if mutant.is_about_opening is not None:
        name = "read_text" if mutant.is_about_opening else "open_token"
        undo[name] = getattr(latchkey, name)
        setattr(latchkey, name, remembering(undo[name]))
    try:
        for name, vector, lines in sorted(vectors, key=lambda one: -NOTICED[one[0]]):
            is_met = mutant.lines is None or lines is None or not mutant.lines.isdisjoint(lines)
            if is_met and (name not in LARGE or mutant.about_large) and is_wrong(vector):
                NOTICED[name] += 1
                return name
    finally:
        vars(latchkey).update(undo)
    return None


def is_wrong(vector):
    signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
    try:
        return interop.check(vector) is not None
    except (Exception, OutOfTime):
        return True
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


# What has noticed most is tried first with the next.
NOTICED = collections.Counter()
REMEMBERED = {}


def remembering(function):
    """The function, which remembers what it gave for the same text or token."""

    def remembered(*arguments):
        key = (function.__name__, *(repr(argument) if isinstance(argument, list) else argument for argument in arguments))
        if function.__name__ == "open_token":
            token, kind, recipient, product, signers = arguments
            key = (token, kind, recipient.seed, product, *(keys.bytes for keys in signers))
        if key not in REMEMBERED:
            try:
                REMEMBERED[key] = function(*arguments), None
            except latchkey.Refused as refused:
                REMEMBERED[key] = None, refused
        given, refused = REMEMBERED[key]
        if refused:
            raise refused
        return list(given) if isinstance(given, list) else given

    return remembered


def with_lines(name, vector):
    """How long a vector takes, and the lines of the implementation that are run for it."""
    lines = set()

    def in_function(frame, event, _):
        lines.add(frame.f_lineno)
        return in_function

    def trace(frame, *_):
        if frame.f_code.co_filename == latchkey.__file__:
            return in_function(frame, None, None)
        return None

    started = time.process_time()
    sys.settrace(trace)
    try:
        wrong = interop.check(vector)
    finally:
        sys.settrace(None)
    assert wrong is None, f"{name}: {wrong}"
    return time.process_time() - started, lines


def vectors():
    read = []
    for file in sorted(Path("testvectors").glob("*.txt")):
        vector = interop.parse(file.read_bytes().decode())
        if file.stem in LARGE:
            read.append((1000, file.stem, vector, None))
        else:
            took, lines = with_lines(file.stem, vector)
            read.append((took, file.stem, vector, lines))
    read.sort(key=lambda one: one[:2])
    return [one[1:] for one in read]


def survivors():
    """The mutants that may survive, each with its reason."""
    listed = {}
    reason = None
    for line in (HERE / "survivors.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            reason = line[2:]
        elif line:
            assert reason and line not in listed, line
            listed[line] = reason
    return listed


def judged(made, read):
    """What notices each mutant. Each half has a process of its own; one that a mutant ends is
    started again after it."""
    by = {}
    workers = [Worker(made, read, start) for start in range(WORKERS)]
    while workers:
        worker = workers.pop(0)
        line = worker.answers.readline()
        if line:
            noticed = line.rstrip("\n")
            assert not noticed.startswith(BROKEN), f"{made[worker.at].name}: {noticed}"
            by[worker.at] = noticed or None
            if len(by) % 50 == 0:
                print(f"{len(by)} of {len(made)}", file=sys.stderr, flush=True)
            worker.at += WORKERS
            workers.append(worker)
        elif worker.at < len(made):
            by[worker.at] = "the process ends"
            workers.append(Worker(made, read, worker.at + WORKERS))
        if not line:
            os.waitpid(worker.process, 0)
    return by


WORKERS = os.cpu_count() or 2
# The part of all mutants without the listed ones that must be noticed.
LEAST = 0.9
BROKEN = "no mutant"


class Worker:
    def __init__(self, made, read, start):
        self.at = start
        source, sink = os.pipe()
        self.process = os.fork()
        if self.process == 0:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            for mutant in made[start::WORKERS]:
                try:
                    noticed = noticed_by(mutant, read) or ""
                except BaseException as error:
                    noticed = f"{BROKEN}: {error!r}"
                os.write(sink, f"{noticed}\n".encode())
            os._exit(0)
        os.close(sink)
        self.answers = open(source, encoding="utf-8")


def main(arguments):
    signal.signal(signal.SIGVTALRM, out_of_time)
    is_listing = "--list" in arguments
    words = [argument for argument in arguments if argument != "--list"]
    every = 1
    if "--every" in words:
        at = words.index("--every")
        every = int(words[at + 1])
        del words[at : at + 2]
    made = [mutant for mutant in mutants() if all(word in mutant.name for word in words)][::every]
    by = judged(made, vectors())
    if is_listing:
        for index, mutant in enumerate(made):
            print(f"{mutant.name} | {by[index] or 'survives'}")
    survive = [mutant.name for index, mutant in enumerate(made) if by[index] is None]
    listed = survivors()
    new = [name for name in survive if name not in listed]
    known = {mutant.name for mutant in made}
    stale = [] if words or every > 1 else [name for name in listed if name not in survive]
    print(f"{len(made) - len(survive)} of {len(made)} mutants noticed, {len(survive) - len(new)} others are listed with a reason")
    for name in new:
        print(f"not noticed: {name}")
    for name in stale:
        print(f"listed, but {'noticed' if name in known else 'no mutant any more'}: {name}")
    score = (len(made) - len(survive)) / max(len(made) - len(survive) + len(new), 1)
    if stale or score < LEAST:
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
