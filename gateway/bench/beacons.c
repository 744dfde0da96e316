/* SPDX-License-Identifier: Apache-2.0 */
#include "beacons.h"

#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "atalaya/dsp/impair.h"

enum { GAP = 4, PREAMBLE = 50, MESSAGE = 250, BITS = PREAMBLE + MESSAGE, SENT = BITS + 1, OCTETS = 31 };
#define RATE_HZ    153600.0
#define SAMPLES    ((size_t)(1.4 * RATE_HZ))
#define CARRIER_HZ 1700.0 /* either way: T.018 2.3.1.1 and 500 Hz of the receiver's own */
#define DRIFT_HZ_S 18.0   /* 2.3.1.1: 7.4e-9 in 166.7 ms */
#define CLOCK      16e-6  /* 2.3.1.2 */
#define ERRORS     6      /* that the code corrects whatever their pattern */

static const struct {
    const char *modem, *protocol, *unit;
} beacon =
#define BENCH_BEACON(modem_, protocol_, unit_)                                                               \
    {                                                                                                        \
#modem_, #protocol_, unit_                                                                           \
    }
#include "beacons.def"
#undef BENCH_BEACON
    ;

struct beacons {
    const struct modem_class *class;
    const struct protocol *protocol;
    struct modem *modem;
    void *state[2]; /* of the protocol, by branch */
    struct impair_random random;
    uint8_t bits[SENT], raw[OCTETS];
    float complex *burst, *iq;
    bool self_test, right;
    unsigned others; /* messages that nobody sent */
};

struct level {
    double db;
    unsigned read, ideal;
};

static void on_message(void *context, const struct message *message)
{
    struct beacons *b = context;
    bool right = memcmp(message->raw, b->raw, OCTETS) == 0 && (!b->self_test || message->test);
    b->right = b->right || right;
    b->others += !right;
}

static void on_bits(void *context, const struct soft_run *run)
{
    struct beacons *b = context;
    struct protocol_output output = {.message = on_message, .context = b};
    b->protocol->execute(b->state[run->branch], run, &output);
}

static double uniform(struct beacons *b, double limit)
{
    return limit * (2.0 * impair_random_uniform(&b->random) - 1.0);
}

/* An invented beacon somewhere; its line bits, and how they are in a message. */
static bool message_make(struct beacons *b, bool self_test)
{
    struct message message;
    message_reset(&message, beacon.protocol, b->protocol->address_space);
    memcpy(message.unit, beacon.unit, strlen(beacon.unit) + 1);
    message.has_position = true;
    message.position.lat_deg = uniform(b, 89.0);
    message.position.lon_deg = uniform(b, 179.0);
    message.test = self_test;
    message.distress = self_test ? DISTRESS_NONE : DISTRESS_RAISED;
    b->self_test = self_test;
    b->right = false;
    if (b->protocol->compose(&message) != ATALAYA_OK ||
        b->protocol->transmit(&message, &(struct protocol_transmit){0}, b->bits, SENT) != SENT)
        return false;
    memcpy(b->raw, message.raw, OCTETS);
    return true;
}

/* Standard deviation of each component of the noise around a bit of amplitude 1. */
static double sigma_of(double db)
{
    return sqrt(0.5 / pow(10.0, db / 10.0));
}

/* The code on bits that only noise has touched. */
static bool ideal_read(struct beacons *b, double db)
{
    int8_t soft[GAP + BITS] = {0};
    for (unsigned i = 0; i < BITS; i++) {
        double value = (b->bits[i] ? 1.0 : -1.0) + sigma_of(db) * impair_random_normal(&b->random);
        double scaled = fmax(-127.0, fmin(127.0, 48.0 * value));
        soft[GAP + i] = (int8_t)(fabs(scaled) < 0.5 ? copysign(1.0, scaled) : lround(scaled));
    }
    const struct soft_run run = {.soft = soft, .count = GAP + BITS, .branch = b->self_test, .bit_rate = 300};
    b->protocol->reset(b->state[run.branch]);
    b->right = false;
    on_bits(b, &run);
    return b->right;
}

/* A burst somewhere in the samples, with everything that a beacon may do. */
static bool burst_place(struct beacons *b, double db)
{
    double sent_hz = RATE_HZ * (1.0 + uniform(b, CLOCK)), carrier_hz = uniform(b, CARRIER_HZ);
    double drift_hz_s = uniform(b, DRIFT_HZ_S), phase = uniform(b, M_PI);
    size_t at = (size_t)(0.3 * RATE_HZ * impair_random_uniform(&b->random));
    size_t count = b->class->modulate_iq(sent_hz, b->bits, SENT, b->burst, SAMPLES);
    memset(b->iq, 0, SAMPLES * sizeof *b->iq);
    for (size_t i = 0; i < count && at + i < SAMPLES; i++) {
        double t = (double)i / RATE_HZ;
        double angle = phase + 2.0 * M_PI * t * (carrier_hz + 0.5 * t * drift_hz_s);
        float complex rotor = (float)cos(angle) + (float)sin(angle) * (float complex)_Complex_I;
        b->iq[at + i] = 0.02F * b->burst[i] * rotor;
    }
    impair_add_noise_iq(&b->random, b->iq, SAMPLES, 0.02 * sqrt(RATE_HZ / 300.0) * sigma_of(db));
    return count > 0;
}

static bool burst_read(struct beacons *b, double *cpu_s)
{
    clock_t start = clock();
    b->class->reset(b->modem);
    b->protocol->reset(b->state[0]);
    b->protocol->reset(b->state[1]);
    b->right = false;
    for (size_t at = 0; at < SAMPLES; at += 4096) {
        size_t left = SAMPLES - at;
        b->class->execute_iq(b->modem, b->iq + at, left < 4096 ? left : 4096, on_bits, b);
    }
    *cpu_s += (double)(clock() - start) / CLOCKS_PER_SEC;
    return b->right;
}

/* Share of messages with no more errors than the code corrects for certain. */
static double bounded_share(double db)
{
    double p = 0.5 * erfc(1.0 / (sigma_of(db) * M_SQRT2)), term = pow(1.0 - p, MESSAGE), sum = 0.0;
    for (int k = 0; k <= ERRORS; k++) {
        sum += term;
        term *= p / (1.0 - p) * (MESSAGE - k) / (k + 1);
    }
    return sum;
}

static void beacons_destroy(struct beacons *b)
{
    if (b->modem)
        b->class->destroy(b->modem);
    free(b->state[0]);
    free(b->state[1]);
    free(b->burst);
    free(b->iq);
}

static bool beacons_create(struct beacons *b, uint64_t seed)
{
    *b = (struct beacons){.class = modem_find(beacon.modem)->class,
                          .protocol = protocol_find(beacon.protocol)->protocol,
                          .burst = malloc(SAMPLES * sizeof *b->burst),
                          .iq = malloc(SAMPLES * sizeof *b->iq)};
    for (unsigned i = 0; i < 2; i++)
        b->state[i] = malloc(b->protocol->state_size);
    impair_random_seed(&b->random, seed);
    if (b->burst && b->iq && b->state[0] && b->state[1] &&
        b->class->create(&b->modem, RATE_HZ, MODEM_IQ) == ATALAYA_OK)
        return true;
    beacons_destroy(b);
    return false;
}

/* Where the share comes to nine tenths, between this level and the one before. */
static void note_crossing(double *at_db, double db, double before, double now)
{
    if (isnan(*at_db) && now >= 0.9)
        *at_db = before < now ? db - BENCH_STEP_DB * (now - 0.9) / (now - before) : db;
}

int bench_beacons(const struct bench_options *options)
{
    struct beacons b;
    bool given = isfinite(options->from_db);
    double from_db = given ? options->from_db : 2.0, to_db = given ? options->to_db : 5.0;
    double cpu_s = 0.0, n = options->frames, before[3] = {0.0}, at_db[3] = {NAN, NAN, NAN};
    unsigned bursts = 0;
    if (!beacons_create(&b, options->seed))
        return 1;
    printf("Bursts of second generation beacons, share read of %u a level; Eb/N0 of a line bit.\n"
           "%6s %8s %8s %8s\n",
           options->frames, "Eb/N0", "read", "ideal", "t = 6");
    for (double db = from_db; db < to_db + 0.01 && !bench_stopped(); db += BENCH_STEP_DB) {
        double now[3] = {0.0, 0.0, bounded_share(db)};
        for (unsigned k = 0; k < options->frames && !bench_stopped(); k++, bursts++) {
            if (!message_make(&b, k & 1))
                continue;
            now[1] += ideal_read(&b, db) / n;
            now[0] += (burst_place(&b, db) && burst_read(&b, &cpu_s)) / n;
        }
        printf("%6.1f %8.3f %8.3f %8.3f\n", db, now[0], now[1], now[2]);
        fflush(stdout);
        for (unsigned i = 0; i < 3; i++) {
            note_crossing(&at_db[i], db, before[i], now[i]);
            before[i] = now[i];
        }
    }
    printf("nine tenths at %.2f, %.2f and %.2f dB; %u messages that nobody sent; %.1f times real time\n",
           at_db[0], at_db[1], at_db[2], b.others, bursts * (double)SAMPLES / RATE_HZ / cpu_s);
    beacons_destroy(&b);
    return 0;
}
