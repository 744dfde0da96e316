/* SPDX-License-Identifier: Apache-2.0 */
/* Whole transmissions from the radio channel to events: carrier off and drifting, a sender's clock that is
 * off, Rayleigh fading, noise. Heard is a transmission when it starts once, is named, and ends once at its
 * time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/fm_channel.h"
#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"
#include "atalaya/protocol/protocol.h"

#define RATE_HZ 24000.0
#define UNIT    "012-3-45-678"
#define LEAD_S  0.3
#define TALK_S  1.2

enum { SAMPLES = 60000, LEAD = 7200, HEARD_MAX = 16 };

struct scene {
    const char *name;
    double ebn0_db, carrier_hz, drift_hz_s, clock_ppm, doppler_hz;
    const char *band;
    unsigned least; /* of 20 that must be heard */
};

static const struct modem_class *class;
static struct modem *modem;
static void *state;
static struct protocol_output output;
static struct message heard[HEARD_MAX];
static unsigned heard_count;
static uint8_t bits[PROTOCOL_LINE_BITS_MAX];
static float audio[SAMPLES];
static float complex iq[SAMPLES];
static double start_s, end_s;

static void on_message(void *context, const struct message *message)
{
    struct burst_figures figures;
    (void)context;
    if (heard_count == HEARD_MAX)
        return;
    heard[heard_count++] = *message;
    if (strcmp(message_text(message, "event", NULL), "transmission_end") != 0)
        return;
    assert_int_equal(class->measure(modem, 0, message->first_bit, message->end_bit, &figures), ATALAYA_OK);
    start_s = figures.first_sample / RATE_HZ;
    end_s = figures.end_sample / RATE_HZ;
}

static void hear(void *context, const struct soft_run *run)
{
    (void)context;
    protocol_find("tetrapol")->protocol->execute(state, run, &output);
}

/* The burst at the sender's own clock, on its carrier, through fading, in noise. */
static void signal_make(const struct scene *scene, struct impair_random *random)
{
    const struct protocol *protocol = protocol_find("tetrapol")->protocol;
    static struct message message;
    const double sent_hz = RATE_HZ / (1.0 + scene->clock_ppm * 1e-6);
    const struct protocol_transmit how = {0};
    struct fading fading;
    message_reset(&message, "tetrapol", "tetrapol");
    memcpy(message.unit, UNIT, sizeof UNIT);
    (void)message_add_string(&message, "event", "transmission");
    (void)message_add_string(&message, "band", scene->band);
    (void)message_add_integer(&message, "scr", (int64_t)(impair_random_next(random) >> 57));
    (void)message_add_real(&message, "transmission_s", TALK_S);
    size_t count = protocol->transmit(&message, &how, bits, sizeof bits) - 400; /* no tail: it falls silent */
    size_t burst = class->modulate(sent_hz, bits, count, audio, SAMPLES);
    assert_true(burst > 0 && LEAD + burst < SAMPLES);
    fading_reset(&fading, random, RATE_HZ, scene->doppler_hz > 0 ? scene->doppler_hz : 1.0);
    memset(iq, 0, sizeof iq);
    double phase = 6.28 * impair_random_uniform(random);
    for (size_t i = 0; i < burst; i++) {
        double at_s = (double)i / RATE_HZ;
        double carrier_hz = scene->carrier_hz + scene->drift_hz_s * (at_s - 0.5 * TALK_S);
        phase += 2.0 * M_PI * (2000.0 * (double)audio[i] + carrier_hz) / RATE_HZ;
        float complex gain = scene->doppler_hz > 0 ? fading_execute(&fading) : 1.0F;
        iq[LEAD + i] = gain * (float complex)cexp((double complex)_Complex_I * fmod(phase, 2.0 * M_PI));
    }
    impair_add_noise_iq(random, iq, SAMPLES, sqrt(0.5 * RATE_HZ / 8000.0 / pow(10.0, scene->ebn0_db / 10.0)));
}

static bool is_whole(bool strictly)
{
    unsigned starts = 0, callers = 0, ends = 0;
    for (unsigned i = 0; i < heard_count; i++) {
        const char *event = message_text(&heard[i], "event", NULL);
        starts += strcmp(event, "transmission_start") == 0;
        callers += strcmp(event, "caller") == 0 && strcmp(heard[i].unit, UNIT) == 0;
        ends += strcmp(event, "transmission_end") == 0 && strcmp(heard[i].unit, UNIT) == 0;
        assert_int_equal(heard[i].distress, DISTRESS_NONE);
    }
    double end_wrong = fabs(end_s - (LEAD_S + 64.0 / 8000.0 + TALK_S));
    double start_wrong = fabs(start_s - (LEAD_S + 64.0 / 8000.0));
    bool timely = end_wrong < 0.021 && start_wrong < 0.041;
    return starts == 1 && callers == 1 && ends == 1 && (timely || !strictly);
}

static unsigned count_heard(const struct scene *scene, bool strictly)
{
    const struct protocol *protocol = protocol_find("tetrapol")->protocol;
    unsigned whole = 0;
    for (unsigned trial = 0; trial < 20; trial++) {
        struct impair_random random;
        impair_random_seed(&random, 1000 + trial);
        signal_make(scene, &random);
        protocol->reset(state);
        class->reset(modem);
        heard_count = 0;
        for (size_t at = 0; at < SAMPLES; at += 500)
            class->execute_iq(modem, iq + at, 500, hear, NULL);
        whole += is_whole(strictly);
    }
    print_message("%-44s %4.0f dB: %2u of 20\n", scene->name, scene->ebn0_db, whole);
    return whole;
}

static void transmissions_are_heard_whole(void **test_state)
{
    (void)test_state;
    static const struct scene scenes[] = {
        {"white noise, UHF", 4, 0, 0, 0, 0, "uhf", 19},
        {"white noise, VHF", 4, 0, 0, 0, 0, "vhf", 19},
        {"2900 Hz high", 6, 2900, 0, 0, 0, "uhf", 19},
        {"2900 Hz low, clock 50 ppm slow", 6, -2900, 0, -50, 0, "vhf", 19},
        {"drifting 400 Hz a second, clock 50 ppm fast", 6, 700, 400, 50, 0, "uhf", 19},
    };
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++)
        assert_true(count_heard(&scenes[i], true) >= scenes[i].least);
}

static void fading_ones_mostly(void **test_state)
{
    (void)test_state;
    static const struct scene scenes[] = {
        {"Rayleigh 2 Hz (on foot, 400 MHz)", 20, 400, 0, 5, 2, "uhf", 18},
        {"Rayleigh 20 Hz (50 km/h, 400 MHz)", 20, -400, 50, 5, 20, "uhf", 17},
        {"Rayleigh 20 Hz, VHF", 20, -400, 50, 5, 20, "vhf", 13},
    };
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++)
        assert_true(count_heard(&scenes[i], false) >= scenes[i].least);
}

static int prepare(void **test_state)
{
    (void)test_state;
    class = modem_find("gmsk8000")->class;
    output.message = on_message;
    state = malloc(protocol_find("tetrapol")->protocol->state_size);
    return state ? (int)class->create(&modem, RATE_HZ, MODEM_IQ) : 1;
}

static int clean_up(void **test_state)
{
    (void)test_state;
    free(state);
    class->destroy(modem);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(transmissions_are_heard_whole),
                                       cmocka_unit_test(fading_ones_mostly)};
    return cmocka_run_group_tests(tests, prepare, clean_up);
}
