#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Kconfig for acre: a strict wrapper around kconfiglib.

The stock tools exit 0 on undefined symbols, values out of range and unmet dependencies. Here each of
them is an error that says what to do. Run it with an interpreter that can `import kconfiglib`
(Debian: /usr/bin/python3 with python3-kconfiglib).

  kconfig.py generate      defconfig (+ --set ...) -> .config, autoconf.h     (CMake runs this)
  kconfig.py menuconfig    edit a build's .config
  kconfig.py savedefconfig write the shortest defconfig that gives a build's .config

A build's .config is kept when nothing that it was made from has changed. When a Kconfig file, the
defconfig or an assignment has changed, it is made again, and what a person had edited in it is
applied again on top: a stale default does not survive, an edit does.
"""

import argparse
import difflib
import os
import re
import sys
import tempfile

try:
    import kconfiglib
except ImportError:
    sys.exit(
        f"kconfig.py: {sys.executable} cannot import kconfiglib (Debian: apt-get install "
        "python3-kconfiglib, then run this with /usr/bin/python3)"
    )

ASSIGNED = re.compile(r"^CONFIG_(\w+)=(.*)$")
UNSET = re.compile(r"^# CONFIG_(\w+) is not set$")
AUTOCONF_HEAD = """\
/* SPDX-License-Identifier: MIT */
/* The configuration of this build: generated from Kconfig, read by acre/config.hpp only. */
#pragma once

"""


class ConfigError(Exception):
    """What is wrong with a configuration, and how to mend it."""


def parse_assignments(text, origin):
    """Returns [(symbol, value, place)] of the lines of a defconfig or .config."""
    found = []
    seen = {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        place = f"{origin}:{number}"
        assigned, unset = ASSIGNED.match(line), UNSET.match(line)
        if assigned:
            name, value = assigned.groups()
            if len(value) >= 2 and value[0] == value[-1] == '"':
                value = kconfiglib.unescape(value[1:-1])
        elif unset:
            name, value = unset.group(1), "n"
        elif not line or line.startswith("#"):
            continue
        else:
            raise ConfigError(f"{place}: not an assignment: '{line}' (want CONFIG_ACRE_...=value)")
        if name in seen and seen[name] != value:
            raise ConfigError(f"{place}: CONFIG_{name} is assigned twice: {seen[name]}, {value}")
        seen[name] = value
        found.append((name, value, place))
    return found


def why_refused(symbol, value):
    """The reason why `value` did not stick to `symbol`."""
    if not any(node.prompt for node in symbol.nodes):
        return "it has no prompt, so it cannot be assigned"
    if symbol.direct_dep is not symbol.kconfig.y and kconfiglib.expr_value(symbol.direct_dep) == 0:
        return f"it depends on {kconfiglib.expr_str(symbol.direct_dep)}, which is n"
    for low, high, condition in symbol.ranges:
        if kconfiglib.expr_value(condition):
            return f"it must be in the range {low.str_value} to {high.str_value}"
    if symbol.choice is not None:
        chosen = symbol.choice.selection
        return f"its choice has {'CONFIG_' + chosen.name if chosen else 'nothing'} selected"
    return f"its value is {symbol.str_value} instead"


def apply_layer(kconf, assignments):
    """Assigns one layer (a file, or the command line), then demands that each value has stuck.

    The check is per layer: a later layer may turn off what an earlier one's values depend on.
    """
    symbols = []
    for name, value, place in assignments:
        symbol = kconf.syms.get(name)
        if symbol is None or not symbol.nodes:
            near = difflib.get_close_matches(name, [s.name for s in kconf.unique_defined_syms], 1)
            hint = f"; did you mean CONFIG_{near[0]}?" if near else ""
            raise ConfigError(f"{place}: CONFIG_{name} is not defined by Kconfig{hint}")
        if not symbol.set_value(value):
            kind = kconfiglib.TYPE_TO_STR[symbol.orig_type]
            raise ConfigError(f"{place}: '{value}' is no value for CONFIG_{name}, which is a {kind}")
        symbols.append((symbol, value, place))
    for symbol, value, place in symbols:
        effective = symbol.str_value
        same = effective == value
        if symbol.orig_type == kconfiglib.INT and not same:
            same = int(effective or "0", 10) == int(value, 10) and effective != ""
        # `n` for something that depends on what is off is what would happen anyway.
        if symbol.orig_type == kconfiglib.BOOL and value == "n" and effective == "n":
            same = True
        if not same:
            raise ConfigError(
                f"{place}: CONFIG_{symbol.name}={value} has no effect: {why_refused(symbol, value)}"
            )


def parse_kconfig(path):
    os.environ["srctree"] = os.path.dirname(os.path.abspath(path))
    kconf = kconfiglib.Kconfig(os.path.basename(path), warn_to_stderr=False)
    if kconf.warnings:
        raise ConfigError("\n".join(kconf.warnings))
    return kconf


def kconfig_files(kconf):
    return sorted(os.path.join(os.environ["srctree"], name) for name in kconf.kconfig_filenames)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write_if_changed(path, text):
    """Keeps the time stamp of an unchanged file, so that nothing is rebuilt for it."""
    if os.path.exists(path) and read(path) == text:
        return
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def config_text(kconf):
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "config")
        kconf.write_config(path, header="# The configuration of this build; ./acre menuconfig edits it.\n")
        return read(path)


def autoconf_text(kconf):
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "autoconf.h")
        kconf.write_autoconf(path, header=AUTOCONF_HEAD)
        return read(path)


def base_layers(args):
    """The layers that do not come from a person's edits: the defconfig, then the command line."""
    layers = []
    if args.defconfig:
        layers.append(parse_assignments(read(args.defconfig), args.defconfig))
    if args.set:
        layers.append(parse_assignments("\n".join(args.set), "ACRE_CONFIG"))
    return layers


def edits_since(baseline_text, config_path):
    """What a person changed in .config after it was made from `baseline_text`."""
    before = {name: value for name, value, _ in parse_assignments(baseline_text, "baseline")}
    now = parse_assignments(read(config_path), config_path)
    return [(name, value, place) for name, value, place in now if before.get(name) != value]


def generate(args):
    kconf = parse_kconfig(args.kconfig)
    layers = base_layers(args)

    # What .config was made from, before a person edited it; edits are relative to it.
    baseline_path = args.config + ".baseline"
    old_baseline = None
    if os.path.exists(args.config) and os.path.exists(baseline_path):
        old_baseline = read(baseline_path)

    for layer in layers:
        apply_layer(kconf, layer)
    baseline = config_text(kconf)
    try:
        if old_baseline is not None:
            apply_layer(kconf, edits_since(old_baseline, args.config))
        elif os.path.exists(args.config):
            # Put there by a person, from another build: take it as it is.
            apply_layer(kconf, parse_assignments(read(args.config), args.config))
    except ConfigError as error:
        raise ConfigError(f"{error}\nedit that file, or delete it to start from the defconfig")
    write_if_changed(args.config, config_text(kconf))
    write_if_changed(baseline_path, baseline)
    write_if_changed(args.header, autoconf_text(kconf))
    if args.depends:
        write_if_changed(args.depends, "\n".join(kconfig_files(kconf)) + "\n")
    if old_baseline not in (None, baseline):
        print("Kconfig or the defconfig has changed: .config was made again, edits were kept")


def load_config(args):
    if not os.path.exists(args.config):
        raise ConfigError(f"{args.config} does not exist: configure the build first")
    kconf = parse_kconfig(args.kconfig)
    apply_layer(kconf, parse_assignments(read(args.config), args.config))
    return kconf


def menuconfig(args):
    kconf = load_config(args)
    os.environ["KCONFIG_CONFIG"] = os.path.abspath(args.config)
    import menuconfig as ui  # curses; only where it is used

    ui.menuconfig(kconf)


def savedefconfig(args):
    kconf = load_config(args)
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "defconfig")
        kconf.write_min_config(path, header="")
        text = read(path)
    if args.output == "-":
        sys.stdout.write(text)
    else:
        write_if_changed(args.output, text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name, action in (
        ("generate", generate),
        ("menuconfig", menuconfig),
        ("savedefconfig", savedefconfig),
    ):
        command = commands.add_parser(name)
        command.set_defaults(action=action)
        command.add_argument("--kconfig", required=True, help="the root Kconfig file")
        command.add_argument("--config", required=True, help="the build's .config")
        if name == "generate":
            command.add_argument("--defconfig", help="what differs from Kconfig's defaults")
            command.add_argument("--set", action="append", help="CONFIG_ACRE_X=value, on top")
            command.add_argument("--header", required=True, help="autoconf.h to write")
            command.add_argument("--depends", help="file to list the read Kconfig files in")
        if name == "savedefconfig":
            command.add_argument("--output", default="-", help="file to write; - is stdout")
    args = parser.parse_args()
    try:
        args.action(args)
    except (ConfigError, kconfiglib.KconfigError, OSError) as error:
        sys.exit(f"kconfig.py: {error}")


if __name__ == "__main__":
    main()
