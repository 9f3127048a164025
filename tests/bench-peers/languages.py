"""The same rules in each system's own language.

In: rules as `cases.py` makes them. Out: the text of a policy by its file's name.
"""

import json

quote = json.dumps
WINDOW = "8760h"


# --- Permissions ---

def lever_condition(form, field, value):
    return {
        "below": lambda: f"{field} < {value}",
        "equals": lambda: f"{field} == {quote(value)}",
        "prefix": lambda: f"{field} starts_with {quote(value)}",
        "like": lambda: f"{field} like {quote('*' + value)}",
        "among": lambda: f"{field} in [{', '.join(map(quote, value))}]",
        "has": lambda: f"some x in {field} : (x == {quote(value)})",
    }[form]()


def cedar_condition(form, field, value, root="context"):
    name = f"{root}.{field}"
    return {
        "below": lambda: f"{name} < {value}",
        "equals": lambda: f"{name} == {quote(value)}",
        "prefix": lambda: f"{name} like {quote(value + '*')}",
        "like": lambda: f"{name} like {quote('*' + value)}",
        "among": lambda: f"[{', '.join(map(quote, value))}].contains({name})",
        "has": lambda: f"{name}.contains({quote(value)})",
    }[form]()


def rego_condition(form, field, value):
    name = f"input.args.{field}"
    return {
        "below": lambda: f"{name} < {value}",
        "equals": lambda: f"{name} == {quote(value)}",
        "prefix": lambda: f"startswith({name}, {quote(value)})",
        "like": lambda: f"endswith({name}, {quote(value)})",
        "among": lambda: f"{name} in {{{', '.join(map(quote, value))}}}",
        "has": lambda: f"{quote(value)} in {name}",
    }[form]()


def invariant_condition(form, field, value):
    name = f"call.function.arguments.{field}"
    return {
        "below": lambda: f"{name} < {value}",
        "equals": lambda: f"{name} == {quote(value)}",
        "prefix": lambda: f"match({quote('^' + value)}, {name})",
        "like": lambda: f"match({quote('.*' + value.replace('.', '[.]') + '$')}, {name})",
        "among": lambda: f"{name} in [{', '.join(map(quote, value))}]",
        "has": lambda: f"{quote(value)} in {name}",
    }[form]()


def lever_permissions(names, rules):
    fields = "amount: int, kind: string, place: string, to: string, region: string, labels: list<string>"
    lines = ["language 1", *(f"tool {name}({fields})" for name in names)]
    for persona in sorted({rule["persona"] for rule in rules}):
        lines.append(f"persona {persona} {{")
        for rule in rules:
            if rule["persona"] == persona:
                both = " and ".join(lever_condition(*condition) for condition in rule["conditions"])
                lines.append(f"  allow {rule['tool']} when {both}")
        lines += ["  otherwise deny", "}"]
    return "\n".join(lines) + "\n"


def cedar_permissions(rules, space="", root="context"):
    def policy(rule):
        both = " && ".join(cedar_condition(*condition, root) for condition in rule["conditions"])
        scope = f"principal == {space}Persona::{quote(rule['persona'])}, action == {space}Action::{quote(rule['tool'])}, resource"
        return f"permit ({scope})\nwhen {{ {both} }};\n"
    return "".join(map(policy, rules))


def rego_permissions(rules):
    def rule_text(rule):
        both = "\n".join(f"\t{rego_condition(*condition)}" for condition in rule["conditions"])
        return f"\nallow if {{\n\tinput.persona == {quote(rule['persona'])}\n\tinput.tool == {quote(rule['tool'])}\n{both}\n}}\n"
    return "package agents\n\nimport rego.v1\n\ndefault allow := false\n" + "".join(map(rule_text, rules))


def invariant_permissions(rules):
    """Invariant says what is wrong: a call that breaks the rule of its persona and tool, and one that there is no rule for."""
    def rule_text(rule):
        both = " and ".join(invariant_condition(*condition) for condition in rule["conditions"])
        return (f"raise \"not permitted\" if:\n    (call: ToolCall)\n    call.function.name == {quote(rule['tool'])}\n"
                f"    input.persona == {quote(rule['persona'])}\n    not ({both})\n\n")
    known = ", ".join(quote(f"{rule['persona']}/{rule['tool']}") for rule in rules)
    rest = f"raise \"no rule\" if:\n    (call: ToolCall)\n    not ((input.persona + \"/\" + call.function.name) in [{known}])\n"
    return "".join(map(rule_text, rules)) + rest


def dogwood_schema(names, fields):
    actions = "".join(
        f"  action {quote(name)} appliesTo {{ principal: [Persona], resource: [Gateway], context: {{ input: Arguments }} }};\n" for name in names)
    return f"namespace App {{\n  type Arguments = {{ {fields} }};\n  entity Gateway;\n  entity Persona;\n{actions}}}\n"


def permissions(names, rules):
    fields = "amount: Long, kind: String, place: String, to: String, region: String, labels: Set<String>"
    return {
        "policy.lever": lever_permissions(names, rules),
        "policy.cedar": cedar_permissions(rules),
        "policy.rego": rego_permissions(rules),
        "policy.dw": cedar_permissions(rules, "App::", "context.input"),
        "policy.dw.schema": dogwood_schema(names, fields),
        "policy.iv": invariant_permissions(rules),
        "rules.json": json.dumps(rules),
    }


# --- Sequences ---

def lever_sequences(names, rules):
    forms = {
        "forbid": "forbid r{n} {{ {first} then {then} }}",
        "unless": "forbid r{n} {{ {first} then[unless {but}] {then} }}",
        "require": "require r{n} {{ {first} before {then} }}",
        "same": "require r{n} {{ {first}(id: ?v) before {then}(id: ?v) }}",
    }
    lines = ["language 1", *(f"tool {name}(id: string, amount: int, note: string)" for name in names)]
    lines += ["persona agent {", "  allow work.*", "  otherwise deny", "}"]
    lines += [forms[rule["form"]].format(n=number, **rule) for number, rule in enumerate(rules)]
    return "\n".join(lines) + "\n"


def dogwood_sequences(rules):
    happened = lambda tool, same="": f"App::Action::{quote(tool)}::response{{{same}}}"
    def policy(rule):
        first = happened(rule["first"])
        condition = {
            "forbid": lambda: f"formerly within {WINDOW} {first}",
            "unless": lambda: f"!{happened(rule['but'])} since within {WINDOW} {first}",
            "require": lambda: f"!(formerly within {WINDOW} {first})",
            "same": lambda: f"!(formerly within {WINDOW} {happened(rule['first'], ' input.id: context.input.id ')})",
        }[rule["form"]]()
        return f"forbid (principal, action == App::Action::{quote(rule['then'])}, resource)\nwhen temporal {{ {condition} }};\n"
    return "permit (principal, action, resource);\n" + "".join(map(policy, rules))


REGO_HEAD = """package agents

import rego.v1

default allow := false

allow if not deny

last(tool) := max({-1} | {i | some i, event in data.history; event.tool == tool})
"""


def rego_sequences(rules):
    def rule_text(rule):
        first, but = quote(rule["first"]), quote(rule.get("but"))
        condition = {
            "forbid": lambda: f"some event in data.history\n\tevent.tool == {first}",
            "unless": lambda: f"last({first}) > last({but})",
            "require": lambda: f"not happened_{rule['first'].split('.')[1]}",
            "same": lambda: f"not happened_with_id_{rule['first'].split('.')[1]}",
        }[rule["form"]]()
        return f"\ndeny if {{\n\tinput.tool == {quote(rule['then'])}\n\t{condition}\n}}\n"
    def happened(tool):
        name = tool.split(".")[1]
        return (f"\nhappened_{name} if {{\n\tsome event in data.history\n\tevent.tool == {quote(tool)}\n}}\n"
                f"\nhappened_with_id_{name} if {{\n\tsome event in data.history\n\tevent.tool == {quote(tool)}\n\tevent.args.id == input.args.id\n}}\n")
    wanted = sorted({rule["first"] for rule in rules if rule["form"] in ("require", "same")})
    return REGO_HEAD + "".join(map(happened, wanted)) + "".join(map(rule_text, rules))


def invariant_sequences(rules):
    """A rule without what must have happened counts it: none of it before the call."""
    is_tool = lambda name, tool: f"{name}.function.name == {quote(tool)}"
    def rule_text(rule):
        call = f"(call: ToolCall)\n    {is_tool('call', rule['then'])}\n"
        before = f"        (first: ToolCall)\n        {is_tool('first', rule['first'])}\n"
        body = {
            "forbid": lambda: f"    (first: ToolCall) -> (call: ToolCall)\n    {is_tool('first', rule['first'])}\n    {is_tool('call', rule['then'])}\n",
            "unless": lambda: (f"    (first: ToolCall) -> (call: ToolCall)\n    {is_tool('first', rule['first'])}\n    {is_tool('call', rule['then'])}\n"
                               f"    not count(min=1):\n        (but: ToolCall)\n        {is_tool('but', rule['but'])}\n        first -> but\n"),
            "require": lambda: f"    {call}    not count(min=1):\n{before}",
            "same": lambda: f"    {call}    not count(min=1):\n{before}        first.function.arguments.id == call.function.arguments.id\n",
        }[rule["form"]]()
        return f"raise \"not in this order\" if:\n{body}\n"
    return "from invariant import count\n\n" + "".join(map(rule_text, rules))


def sequences(names, rules):
    return {
        "policy.lever": lever_sequences(names, rules),
        "policy.rego": rego_sequences(rules),
        "policy.dw": dogwood_sequences(rules),
        "policy.dw.schema": dogwood_schema(names, "id: String, amount: Long, note: String"),
        "policy.iv": invariant_sequences(rules),
    }
