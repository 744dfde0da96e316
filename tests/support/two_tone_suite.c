/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#include <cmocka.h>

#include "two_tone_suite.h"

#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"

enum {
    PREAMBLE = 240, /* bits of flags: 200 ms */
    DATA = 700,
    TAIL = 24,
    BITS = PREAMBLE + DATA + TAIL,
    SILENCE = 300, /* samples before the burst */
    BRANCHES_MAX = 32,
    HEARD_MAX = 1 << 15
};

struct scene {
    struct modem *modem;
    double rate_hz;
    uint8_t bits[BITS];
    float *audio;
    size_t count;
    int8_t heard[BRANCHES_MAX][HEARD_MAX];
    uint64_t heard_count[BRANCHES_MAX];
};

static struct scene scene;
static struct two_tone_suite suite;
static const struct modem_class *modem_class;

/* The C library's allocator under a counter: what execute takes from the heap is seen here. */
static volatile int armed;
static volatile unsigned long allocations;
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
enum { INTERPOSED = 1 };
void *malloc(size_t size)
{
    allocations += (unsigned long)armed;
    return __libc_malloc(size);
}
void *calloc(size_t count, size_t size)
{
    allocations += (unsigned long)armed;
    return __libc_calloc(count, size);
}
void *realloc(void *old, size_t size)
{
    allocations += (unsigned long)armed;
    return __libc_realloc(old, size);
}
#else
enum { INTERPOSED = 0 };
#endif

static void hear(void *context, const struct soft_run *run)
{
    struct scene *heard = context;
    assert_true(run->branch < modem_class->branches);
    assert_int_equal(run->first_bit, heard->heard_count[run->branch]);
    for (size_t i = 0; i < run->count; i++)
        if (heard->heard_count[run->branch] < HEARD_MAX)
            heard->heard[run->branch][heard->heard_count[run->branch]++] = run->soft[i];
}

static void count_only(void *context, const struct soft_run *run)
{
    if (run->branch == 0)
        *(size_t *)context += run->count;
}

/* HDLC flags as line bits, then random bits. */
static void make_bits(uint64_t seed)
{
    struct impair_random random;
    impair_random_seed(&random, seed);
    uint8_t line = 0;
    for (int i = 0; i < BITS; i++) {
        bool change = i < PREAMBLE ? i % 8 == 0 || i % 8 == 7 : impair_random_uniform(&random) < 0.5;
        line ^= (uint8_t)change;
        scene.bits[i] = line;
    }
}

static void open_scene(double rate_hz)
{
    memset(scene.heard_count, 0, sizeof scene.heard_count);
    scene.rate_hz = rate_hz;
    make_bits(2);
    assert_int_equal(modem_class->create(&scene.modem, rate_hz, MODEM_AUDIO), ATALAYA_OK);
    size_t burst = modem_class->modulate_length(rate_hz, BITS);
    scene.count = burst + SILENCE + (size_t)(0.06 * rate_hz);
    scene.audio = calloc(scene.count, sizeof *scene.audio);
    assert_non_null(scene.audio);
    assert_int_equal(modem_class->modulate(rate_hz, scene.bits, BITS, scene.audio + SILENCE, burst), burst);
}

static void close_scene(void)
{
    modem_class->destroy(scene.modem);
    free(scene.audio);
}

static void receive(void)
{
    modem_class->execute(scene.modem, scene.audio, scene.count, hear, &scene);
}

/* Where the data begins among the bits of the branch, if all of it is there without an error; or -1. */
static int64_t find_data(unsigned branch)
{
    for (uint64_t at = 0; at + DATA <= scene.heard_count[branch]; at++) {
        int i = 0;
        while (i < DATA && (scene.heard[branch][at + (uint64_t)i] > 0) == scene.bits[PREAMBLE + i])
            i++;
        if (i == DATA)
            return (int64_t)at;
    }
    return -1;
}

static bool any_branch_has_data(void)
{
    for (unsigned branch = 0; branch < modem_class->branches; branch++)
        if (find_data(branch) >= 0)
            return true;
    return false;
}

static struct burst_figures measure_data(void)
{
    struct burst_figures figures;
    unsigned branch = 0;
    while (branch + 1 < modem_class->branches && find_data(branch) < 0)
        branch++;
    int64_t first = find_data(branch);
    assert_true(first >= 0);
    assert_int_equal(
        modem_class->measure(scene.modem, branch, (uint64_t)first, (uint64_t)first + DATA, &figures),
        ATALAYA_OK);
    return figures;
}

static void scale_audio(float factor)
{
    for (size_t i = 0; i < scene.count; i++)
        scene.audio[i] *= factor;
}

static const double rates_hz[] = {8000, 9600, 11025, 16000, 22050, 26400, 44100, 48000, 96000, 192000};
enum { RATES = sizeof rates_hz / sizeof *rates_hz };

static void every_rate_decodes_with_true_times_and_level(void **state)
{
    (void)state;
    for (int i = 0; i < RATES; i++) {
        open_scene(rates_hz[i]);
        scale_audio(0.25F);
        receive();
        struct burst_figures figures = measure_data();
        double bit = rates_hz[i] / suite.bit_rate;
        double first_error = (figures.first_sample - SILENCE) / bit - PREAMBLE;
        double end_error = (figures.end_sample - SILENCE) / bit - PREAMBLE - DATA;
        if (fabs(first_error) > suite.time_bits || fabs(end_error) > suite.time_bits)
            print_message("%.0f Hz: off by %.3f and %.3f bit\n", rates_hz[i], first_error, end_error);
        assert_true(fabs(first_error) <= suite.time_bits && fabs(end_error) <= suite.time_bits);
        assert_float_equal(figures.level_dbfs, -12.04F, 0.2F);
        assert_float_equal(figures.peak, 0.25F, 0.01F);
        assert_true(fabsf(figures.offset_hz) < 2.0F);
        assert_true(figures.snr_db > 35.0F);
        close_scene();
    }
}

static void rates_out_of_reach_are_refused(void **state)
{
    (void)state;
    static const double bad_hz[] = {7999.0, 0.0, -48000.0, 192001.0, (double)NAN, (double)INFINITY};
    for (size_t i = 0; i < sizeof bad_hz / sizeof *bad_hz; i++) {
        struct modem *modem = NULL;
        assert_int_equal(modem_class->create(&modem, bad_hz[i], MODEM_AUDIO), ATALAYA_E_ARGUMENT);
        assert_null(modem);
    }
    modem_class->destroy(NULL);
}

static void chunking_does_not_change_a_bit(void **state)
{
    (void)state;
    static int8_t whole[HEARD_MAX];
    open_scene(44100);
    struct impair_random random;
    impair_random_seed(&random, 3);
    impair_add_noise(&random, scene.audio, scene.count, 0.7);
    receive();
    uint64_t count = scene.heard_count[4];
    memcpy(whole, scene.heard[4], count);
    modem_class->reset(scene.modem);
    memset(scene.heard_count, 0, sizeof scene.heard_count);
    for (size_t at = 0; at < scene.count;) {
        size_t chunk = (size_t)(impair_random_uniform(&random) * 700.0);
        chunk = chunk < scene.count - at ? chunk : scene.count - at;
        modem_class->execute(scene.modem, scene.audio + at, chunk, hear, &scene);
        at += chunk;
    }
    assert_int_equal(scene.heard_count[4], count);
    assert_memory_equal(scene.heard[4], whole, count);
    close_scene();
}

static void snr_is_told_up_to_30_db(void **state)
{
    (void)state;
    struct impair_random random;
    impair_random_seed(&random, 4);
    for (int ebn0_db = suite.snr_from_db; ebn0_db <= 30; ebn0_db += 3) {
        open_scene(48000);
        receive(); /* clean: tells which bits the data are */
        int64_t first = find_data(0);
        assert_true(first >= 0);
        modem_class->reset(scene.modem);
        memset(scene.heard_count, 0, sizeof scene.heard_count);
        impair_add_noise(&random, scene.audio, scene.count,
                         impair_noise_sigma(0.5, 48000, suite.bit_rate, ebn0_db));
        receive();
        struct burst_figures figures;
        assert_int_equal(
            modem_class->measure(scene.modem, 0, (uint64_t)first, (uint64_t)first + DATA, &figures),
            ATALAYA_OK);
        if (fabsf(figures.snr_db - (float)ebn0_db) > 1.0F)
            print_message("Eb/N0 %d dB told as %.2f\n", ebn0_db, (double)figures.snr_db);
        assert_float_equal(figures.snr_db, (float)ebn0_db, 1.0F);
        assert_float_equal(figures.level_dbfs, 0.0F, ebn0_db < 10 ? 1.0F : 0.5F);
        close_scene();
    }
}

/* What the events of a branch say about the bits of the data. */
struct doubts {
    unsigned branch;
    int64_t first; /* bit of the branch where the data begin */
    double right, wrong;
    unsigned right_count, wrong_count, least;
};

static void weigh(void *context, const struct soft_run *run)
{
    struct doubts *doubts = context;
    assert_int_equal(run->scrambler, SCRAMBLER_NONE);
    assert_non_null(run->event);
    for (size_t i = 0; i < run->count && run->branch == doubts->branch; i++) {
        int64_t bit = (int64_t)(run->first_bit + i) - doubts->first;
        if (bit < 0 || bit >= DATA)
            continue;
        assert_true(run->event[i].mask != 0);
        doubts->least = run->event[i].reliability < doubts->least ? run->event[i].reliability : doubts->least;
        bool right = (run->soft[i] > 0) == scene.bits[PREAMBLE + bit];
        *(right ? &doubts->right : &doubts->wrong) += abs(run->soft[i]);
        *(right ? &doubts->right_count : &doubts->wrong_count) += 1;
    }
}

/* Of the branches whose timing stands still, and so cannot slip by a bit, the surest of a clean signal. */
static struct doubts find_surest_branch(void)
{
    struct doubts surest = {.first = -1};
    receive();
    for (unsigned branch = 0; branch < 4; branch++) {
        struct doubts doubts = {.branch = branch, .first = find_data(branch), .least = UINT16_MAX};
        modem_class->reset(scene.modem);
        modem_class->execute(scene.modem, scene.audio, scene.count, weigh, &doubts);
        if (doubts.first >= 0 && doubts.least > surest.least)
            surest = doubts;
    }
    return surest;
}

static void doubt_falls_on_wrong_bits(void **state)
{
    (void)state;
    open_scene(48000);
    struct doubts clean = find_surest_branch();
    assert_true(clean.first >= 0 && clean.wrong_count == 0 && clean.least > 1000);
    struct doubts noisy = {.branch = clean.branch, .first = clean.first, .least = UINT16_MAX};
    struct impair_random random;
    impair_random_seed(&random, 12);
    for (int burst = 0; burst < 8; burst++) {
        size_t length = modem_class->modulate_length(scene.rate_hz, BITS);
        memset(scene.audio, 0, scene.count * sizeof *scene.audio);
        assert_int_equal(
            modem_class->modulate(scene.rate_hz, scene.bits, BITS, scene.audio + SILENCE, length), length);
        impair_add_noise(&random, scene.audio, scene.count,
                         impair_noise_sigma(0.5, 48000, suite.bit_rate, 4.0));
        modem_class->reset(scene.modem);
        modem_class->execute(scene.modem, scene.audio, scene.count, weigh, &noisy);
    }
    double wrong = noisy.wrong / noisy.wrong_count, right = noisy.right / noisy.right_count;
    print_message("4 dB: %u bits wrong, mean soft value %.0f; %u right, %.0f\n", noisy.wrong_count, wrong,
                  noisy.right_count, right);
    assert_true(noisy.least < 500 && noisy.wrong_count > 10 && noisy.wrong_count < 800);
    assert_true(wrong < 0.5 * right);
    close_scene();
}

/* A symmetric three-tap filter that lifts the space tone over the mark tone by twist_db. */
static void twist_audio(double twist_db)
{
    double ratio = pow(10.0, twist_db / 20.0);
    enum { APART = 8 };
    double mark = cos(2.0 * M_PI * suite.mark_hz * APART / scene.rate_hz);
    double space = cos(2.0 * M_PI * suite.space_hz * APART / scene.rate_hz);
    double side = (ratio - 1.0) / (2.0 * (space - ratio * mark));
    float *flat = malloc(scene.count * sizeof *flat);
    assert_non_null(flat);
    memcpy(flat, scene.audio, scene.count * sizeof *flat);
    for (size_t i = APART; i + APART < scene.count; i++)
        scene.audio[i] = flat[i] + (float)side * (flat[i - APART] + flat[i + APART]);
    free(flat);
}

static void twist_of_6_db_either_way_decodes_in_noise(void **state)
{
    (void)state;
    for (int twist_db = -6; twist_db <= 6; twist_db += 12) {
        open_scene(48000);
        twist_audio(twist_db);
        double power = 0.0;
        for (size_t i = 0; i < scene.count; i++)
            power += (double)(scene.audio[i] * scene.audio[i]) / (double)scene.count;
        struct impair_random random;
        impair_random_seed(&random, 5);
        impair_add_noise(&random, scene.audio, scene.count,
                         impair_noise_sigma(power, 48000, suite.bit_rate, 14));
        receive();
        assert_true(any_branch_has_data());
        close_scene();
    }
}

/* Both tones moved alike, which the transmitter of the class cannot do. */
static void make_offset_audio(double offset_hz)
{
    double phase = 0.0;
    for (size_t i = SILENCE; i < scene.count; i++) {
        size_t bit = (size_t)((double)(i - SILENCE) * suite.bit_rate / scene.rate_hz);
        scene.audio[i] = bit < BITS ? (float)sin(phase) : 0.0F;
        phase += 2.0 * M_PI * ((bit < BITS && scene.bits[bit] ? suite.mark_hz : suite.space_hz) + offset_hz) /
                 scene.rate_hz;
    }
}

static void offset_decodes_and_is_told(void **state)
{
    (void)state;
    for (int step = -2; step <= 2; step++) {
        int offset_hz = step * suite.offset_hz / 2;
        open_scene(48000);
        make_offset_audio(offset_hz);
        receive();
        assert_float_equal(measure_data().offset_hz, (float)offset_hz, 5.0F);
        close_scene();
    }
}

static void hostile_samples_do_no_lasting_harm(void **state)
{
    (void)state;
    static const float hostile[] = {NAN, INFINITY, -INFINITY, 1e30F, -1e30F, 3e38F, 1e-40F, -8.0F};
    static const double some_rates_hz[] = {11025, 48000};
    for (int r = 0; r < 2; r++) {
        open_scene(some_rates_hz[r]);
        static float block[9600];
        for (size_t i = 0; i < sizeof block / sizeof *block; i++)
            block[i] = hostile[i * 7919 % 8];
        modem_class->execute(scene.modem, block, sizeof block / sizeof *block, hear, &scene);
        receive();
        struct burst_figures figures = measure_data();
        assert_true(isfinite(figures.level_dbfs) && isfinite(figures.snr_db));
        close_scene();
    }
}

static void execute_takes_nothing_from_the_heap(void **state)
{
    (void)state;
    if (!INTERPOSED) /* a sanitizer has its own allocator */
        skip();
    open_scene(44100);
    size_t bits = 0;
    void *volatile probe;
    armed = 1;
    probe = malloc(1);
    armed = 0;
    free(probe);
    assert_int_equal(allocations, 1); /* the counter counts */
    allocations = 0;
    armed = 1;
    modem_class->execute(scene.modem, scene.audio, scene.count, count_only, &bits);
    struct burst_figures figures;
    enum atalaya_result result = modem_class->measure(scene.modem, 0, 100, 800, &figures);
    modem_class->reset(scene.modem);
    armed = 0;
    assert_int_equal(result, ATALAYA_OK);
    assert_int_equal(allocations, 0);
    assert_true(bits > BITS);
    close_scene();
}

static void measure_remembers_16384_bits_and_says_so(void **state)
{
    (void)state;
    open_scene(9600);
    struct burst_figures figures;
    size_t bits = 0;
    for (int i = 0; i < 40; i++)
        modem_class->execute(scene.modem, scene.audio, scene.count, count_only, &bits);
    uint64_t total = bits;
    assert_true(total > 20000);
    assert_int_equal(modem_class->measure(scene.modem, 0, total - 16384, total, &figures), ATALAYA_OK);
    assert_int_equal(modem_class->measure(scene.modem, 0, total - 16385, total, &figures), ATALAYA_E_RANGE);
    assert_int_equal(modem_class->measure(scene.modem, 0, total, total + 1, &figures), ATALAYA_E_RANGE);
    assert_int_equal(modem_class->measure(scene.modem, 0, 5, 5, &figures), ATALAYA_E_ARGUMENT);
    assert_int_equal(modem_class->measure(scene.modem, modem_class->branches, 0, 1, &figures),
                     ATALAYA_E_ARGUMENT);
    close_scene();
}

static void modulate_refuses_too_small_a_buffer(void **state)
{
    (void)state;
    uint8_t bits[3] = {1, 0, 1};
    float audio[111];
    size_t need = (size_t)ceil(3 * 44100 / suite.bit_rate);
    assert_int_equal(modem_class->modulate_length(44100, 3), need);
    assert_int_equal(modem_class->modulate_length(44100, SIZE_MAX),
                     0); /* no memory holds it, no size_t counts it */
    assert_int_equal(modem_class->modulate(44100, bits, 3, audio, need - 1), 0);
    assert_int_equal(modem_class->modulate(44100, bits, 3, audio, need), need);
    assert_int_equal(modem_class->modulate(2.0 * suite.space_hz, bits, 3, audio, 111), 0); /* Nyquist */
}

int two_tone_suite_run(const struct two_tone_suite *how)
{
    suite = *how;
    modem_class = modem_find(suite.id)->class;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rate_decodes_with_true_times_and_level),
        cmocka_unit_test(rates_out_of_reach_are_refused),
        cmocka_unit_test(chunking_does_not_change_a_bit),
        cmocka_unit_test(snr_is_told_up_to_30_db),
        cmocka_unit_test(doubt_falls_on_wrong_bits),
        cmocka_unit_test(twist_of_6_db_either_way_decodes_in_noise),
        cmocka_unit_test(offset_decodes_and_is_told),
        cmocka_unit_test(hostile_samples_do_no_lasting_harm),
        cmocka_unit_test(execute_takes_nothing_from_the_heap),
        cmocka_unit_test(measure_remembers_16384_bits_and_says_so),
        cmocka_unit_test(modulate_refuses_too_small_a_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
