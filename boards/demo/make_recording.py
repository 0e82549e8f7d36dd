#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes recording.csv: forty seconds of a sensor node on a pump.

The recording is made up, so that the demo can be public and so that everything an allocator should
survive happens in it once: a sensor that drops out, a vibration that floods the network, a battery
that browns out. The same script gives the same file: random() of a seeded generator is specified.

  boards/demo/make_recording.py > boards/demo/recording.csv
"""

import random

END_S = 40
SLOW_HZ, FAST_HZ = 8, 24          # the node samples faster while it vibrates
DROP_OUT = (8.0, 11.0)            # temperature and pressure are missing
VIBRATION = (16.0, 24.0)
BROWN_OUT = (27.0, 29.0)
CALM_PACKETS_HZ, FLOOD_PACKETS_HZ = 3, 15
PACKET_BYTES = (8, 56)
LAST_PACKETS, LAST_PACKET_BYTES = (39.88, 39.90, 39.92), 24  # still queued when the recording ends

# What the base station sends: seconds, text.
MESSAGES = [(1.1, "set calibration 51"), (1.15, "set route 19"), (1.2, "set alarm 3"),
            (1.25, "set mesh 27"), (1.3, "set schedule 43"),
            (3.2, "ping"), (5.6, "set schedule 51"), (7.4, "ping"), (12.2, "set route 27"),
            (13.1, "ack dropout"), (14.2, "forget alarm"), (14.9, "ping"), (15.4, "set filter 51"),
            (18.1, "expire mesh"), (19.2, "set filter 51"),
            *[(20.02 + 0.03 * i, "ping") for i in range(11)],  # it wants to know what is going on
            (26.2, "ack limit"), (31.6, "ack power"), (33.3, "ack vibration"),
            (34.6, "forget schedule"), (35.1, "set trace 11"), (36.8, "ping"),
            (39.95, "ping")]


def within(span, t):
    return span[0] <= t < span[1]


def noise(rng, amplitude):
    return (rng.random() + rng.random() - 1.0) * amplitude


def sample(rng, t):
    shake = 0.0
    if within(VIBRATION, t):
        # Grows, stays, fades.
        shake = 2.4 * min(1.0, (t - VIBRATION[0]) / 1.5 + 0.3, (VIBRATION[1] - t) / 1.5 + 0.2)
    warm = max(0.0, min(t, VIBRATION[1]) - VIBRATION[0]) - max(0.0, t - VIBRATION[1]) * 0.9
    temperature = f"{21.4 + 0.02 * t + 2.4 * max(0.0, warm) + noise(rng, 0.06):.2f}"
    pressure = f"{1013.2 - 0.03 * t + noise(rng, 0.12):.2f}"
    if within(DROP_OUT, t):
        temperature = pressure = ""
    battery = 3.71 - 0.002 * t + noise(rng, 0.008)
    if within(BROWN_OUT, t):
        battery = 2.52 + 0.05 * (t - BROWN_OUT[0]) + noise(rng, 0.02)
    x, y, z = (rest + noise(rng, 0.012 + shake) for rest in (0.01, -0.02, 0.998))
    return f"sample,{temperature},{pressure},{x:.3f},{y:.3f},{z:.3f},{battery:.2f}"


def main():
    rng = random.Random(40)
    lines = []
    t = 0.0
    while t < END_S:
        lines.append((t, sample(rng, t)))
        t += 1.0 / (FAST_HZ if within(VIBRATION, t) else SLOW_HZ)
    smallest, largest = PACKET_BYTES
    t = 0.11
    while t < END_S:
        if not BROWN_OUT[0] - 0.01 <= t < BROWN_OUT[1] + 0.2:  # the application sleeps, too
            lines.append((t, f"packet,{smallest + int(rng.random() * (largest - smallest + 1))}"))
        rate = FLOOD_PACKETS_HZ if within(VIBRATION, t) else CALM_PACKETS_HZ
        t += (0.6 + 0.8 * rng.random()) / rate
    lines += [(t, f"packet,{LAST_PACKET_BYTES}") for t in LAST_PACKETS]
    lines += [(t, f"radio,{text}") for t, text in MESSAGES]
    print("time_ms,record,temperature_c,pressure_hpa,x_g,y_g,z_g,battery_v")
    for t, text in sorted(lines, key=lambda line: line[0]):
        print(f"{t * 1000:.0f},{text}")


if __name__ == "__main__":
    main()
