/* SPDX-License-Identifier: Apache-2.0 */
/* Bell 202 off the carrier itself: at noise in which a discriminator gives no frame, at any rate, deviation,
 * carrier and clock; when it is silent; and that nothing from outside harms it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <complex.h>
#include <math.h>
#include <cmocka.h>

#include "atalaya/dsp/fm_channel.h"
#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"
#include "burst_bits.h"

enum { PREAMBLE = 240, DATA = 300, TAIL = 48, BITS = PREAMBLE + DATA + TAIL, HEARD_MAX = 1 << 13 };
#define LEAD_S  0.08
#define AFTER_S 0.15

struct scene {
    double rate_hz, deviation_hz, carrier_hz, clock, cnr_db;
    bool pre_emphasis;
    unsigned flags, seed;
};

static const struct modem_class *bell202;
static unsigned radio; /* its branch, the last */
static struct modem *modem;
static uint8_t bits[BITS];
static float complex *iq;
static size_t count;
static int8_t heard[HEARD_MAX];
static uint64_t heard_count;

static void hear(void *context, const struct soft_run *run)
{
    (void)context;
    for (size_t i = 0; i < run->count && run->branch == radio && heard_count < HEARD_MAX; i++)
        heard[heard_count++] = run->soft[i];
}

/* Flags, random bits, flags, as line bits; noise before and after. */
static void send(const struct scene *scene)
{
    const double rate_hz = scene->rate_hz / (1.0 + scene->clock);
    const int first = PREAMBLE - 8 * (int)(scene->flags ? scene->flags : PREAMBLE / 8);
    struct impair_random random;
    struct fm_transmitter transmitter;
    struct fm_transmitter_settings settings = {.rate_hz = scene->rate_hz,
                                               .deviation_hz = scene->deviation_hz,
                                               .carrier_hz = scene->carrier_hz,
                                               .pre_emphasis = scene->pre_emphasis};
    impair_random_seed(&random, scene->seed + 1);
    (void)burst_bits_make(&random, bits, PREAMBLE, DATA, TAIL);
    size_t lead = (size_t)(LEAD_S * scene->rate_hz);
    size_t burst = bell202->modulate_length(rate_hz, (size_t)(BITS - first));
    count = lead + burst + (size_t)(AFTER_S * scene->rate_hz);
    float *audio = calloc(burst, sizeof *audio);
    free(iq);
    iq = calloc(count, sizeof *iq);
    assert_non_null(audio);
    assert_non_null(iq);
    assert_int_equal(bell202->modulate(rate_hz, bits + first, (size_t)(BITS - first), audio, burst), burst);
    fm_transmitter_create(&transmitter, &settings);
    fm_transmitter_execute(&transmitter, audio, burst, iq + lead);
    impair_add_noise_iq(&random, iq, count, impair_cnr_sigma(scene->rate_hz, scene->cnr_db));
    free(audio);
}

/* Bits of the data that are wrong where they fit best; *at: there. */
static int find_data(uint64_t *at)
{
    return (int)burst_bits_wrong(heard, heard_count, bits + PREAMBLE, DATA, DATA - 1, at);
}

static int listen(const struct scene *scene, size_t chunk, uint64_t *at)
{
    heard_count = 0;
    bell202->destroy(modem);
    modem = NULL;
    assert_int_equal(bell202->create(&modem, scene->rate_hz, MODEM_IQ), ATALAYA_OK);
    send(scene);
    for (size_t from = 0; from < count; from += chunk)
        bell202->execute_iq(modem, iq + from, count - from < chunk ? count - from : chunk, hear, NULL);
    return find_data(at);
}

static void check(const struct scene *scene)
{
    uint64_t at;
    int wrong = listen(scene, 4096, &at);
    if (wrong > 2)
        fail_msg("%.0f S/s, deviation %.0f Hz, carrier %.0f Hz, clock %.3f: %d bits of %d wrong",
                 scene->rate_hz, scene->deviation_hz, scene->carrier_hz, scene->clock, wrong, DATA);
}

static void reads_every_rate_below_the_threshold(void **state)
{
    (void)state;
    static const double rates_hz[] = {16000, 19200, 22050, 48000, 192000, 250000};
    for (size_t i = 0; i < sizeof rates_hz / sizeof rates_hz[0]; i++)
        check(&(struct scene){.rate_hz = rates_hz[i], .deviation_hz = 3000, .cnr_db = 0});
}

static void reads_every_radio(void **state)
{
    (void)state;
    static const double deviations_hz[] = {1500, 3000, 4500}, carriers_hz[] = {-2000, 0, 2000};
    for (int d = 0; d < 3; d++)
        for (int c = 0; c < 3; c++) {
            struct scene scene = {.rate_hz = 24000,
                                  .deviation_hz = deviations_hz[d],
                                  .carrier_hz = carriers_hz[c],
                                  .clock = 0.002 * (c - 1),
                                  .cnr_db = d == 1 ? 1 : 4};
            check(&scene);
            scene.pre_emphasis = true;
            scene.cnr_db += 2;
            if (d == 1)
                check(&scene);
        }
}

static void needs_four_flags(void **state)
{
    (void)state;
    check(&(struct scene){.rate_hz = 24000, .deviation_hz = 3000, .cnr_db = 6, .flags = 4});
}

static void pieces_do_not_matter(void **state)
{
    (void)state;
    static const size_t chunks[] = {1, 7, 333, 1 << 20};
    const struct scene scene = {.rate_hz = 48000, .deviation_hz = 3000, .cnr_db = 2};
    for (size_t i = 0; i < sizeof chunks / sizeof chunks[0]; i++) {
        uint64_t at;
        assert_in_range(listen(&scene, chunks[i], &at), 0, 1);
    }
}

static void times_are_exact(void **state)
{
    (void)state;
    static const double rates_hz[] = {19200, 25000, 48000, 96000, 192000};
    for (size_t i = 0; i < sizeof rates_hz / sizeof rates_hz[0]; i++) {
        const struct scene scene = {
            .rate_hz = rates_hz[i], .deviation_hz = 3000, .carrier_hz = 700, .cnr_db = 7};
        uint64_t at;
        struct burst_figures figures;
        assert_in_range(listen(&scene, 4096, &at), 0, 1);
        assert_int_equal(bell202->measure(modem, radio, at, at + DATA, &figures), ATALAYA_OK);
        double bit = rates_hz[i] / 1200.0, first = floor(LEAD_S * rates_hz[i]) + PREAMBLE * bit;
        assert_true(fabs(figures.first_sample - first) < 0.1 * bit);
        assert_true(fabs(figures.end_sample - first - DATA * bit) < 0.1 * bit);
        assert_true(fabsf(figures.offset_hz - 700.0F) < 3.0F);
    }
}

/* Half of what a modem does in a busy band, for bursts that the audio always reads. */
static void loud_carriers_are_left_to_the_audio(void **state)
{
    (void)state;
    uint64_t at;
    (void)listen(&(struct scene){.rate_hz = 19200, .deviation_hz = 3000, .cnr_db = 15}, 320, &at);
    assert_true(heard_count < BITS / 4);
}

static void noise_is_no_carrier(void **state)
{
    (void)state;
    const struct scene scene = {.rate_hz = 19200, .deviation_hz = 0, .cnr_db = -60};
    bell202->destroy(modem);
    modem = NULL;
    heard_count = 0;
    assert_int_equal(bell202->create(&modem, scene.rate_hz, MODEM_IQ), ATALAYA_OK);
    send(&scene);
    for (unsigned round = 0; round < 12; round++) {
        struct impair_random random;
        impair_random_seed(&random, round);
        memset(iq, 0, count * sizeof *iq);
        impair_add_noise_iq(&random, iq, count, 0.1);
        bell202->execute_iq(modem, iq, count, hear, NULL);
    }
    assert_int_equal(heard_count, 0);
}

static void hostile_samples_do_no_lasting_harm(void **state)
{
    (void)state;
    static const float bad[] = {NAN, INFINITY, -INFINITY, 1e30F, -1e38F, 0.0F, 1e-40F};
    const struct scene scene = {.rate_hz = 48000, .deviation_hz = 3000, .cnr_db = 6};
    uint64_t at;
    assert_int_equal(listen(&scene, 4096, &at), 0);
    for (size_t cut = count / 4; cut < count; cut += count / 4) { /* in the midst of a burst, too */
        bell202->execute_iq(modem, iq, cut, hear, NULL);
        for (int i = 0; i < 3000; i++) {
            float complex z = bad[i % 7] + bad[i / 7 % 7] * _Complex_I;
            bell202->execute_iq(modem, &z, 1, hear, NULL);
        }
        heard_count = 0;
        bell202->execute_iq(modem, iq, count, hear, NULL);
        assert_int_equal(find_data(&at), 0);
    }
}

static void narrow_audio_has_no_carrier(void **state)
{
    (void)state;
    struct modem *audio_modem = NULL;
    struct burst_figures figures;
    assert_int_equal(bell202->create(&audio_modem, 16000, MODEM_AUDIO), ATALAYA_OK);
    assert_int_equal(bell202->measure(audio_modem, radio, 0, 1, &figures), ATALAYA_E_ARGUMENT);
    bell202->destroy(audio_modem);
}

static int setup(void **state)
{
    (void)state;
    bell202 = modem_find("bell202")->class;
    radio = bell202->branches - 1;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    bell202->destroy(modem);
    free(iq);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_rate_below_the_threshold),
        cmocka_unit_test(reads_every_radio),
        cmocka_unit_test(needs_four_flags),
        cmocka_unit_test(pieces_do_not_matter),
        cmocka_unit_test(times_are_exact),
        cmocka_unit_test(loud_carriers_are_left_to_the_audio),
        cmocka_unit_test(noise_is_no_carrier),
        cmocka_unit_test(hostile_samples_do_no_lasting_harm),
        cmocka_unit_test(narrow_audio_has_no_carrier),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
