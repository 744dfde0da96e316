/* SPDX-License-Identifier: Apache-2.0 */
/* Between two samples nobody asks for memory: the allocator is replaced by one that counts, and a recording
 * of bursts in noise goes from the file through the receiver into the hand-over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "atalaya/gateway/handover.h"
#include "atalaya/gateway/receiver.h"
#include "../../../gateway/activity.h"
#include "../../../gateway/guard/noise_watch.h"
#include "../../../gateway/guard/self_test.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ALLOCATOR_IS_TAKEN 1 /* by the sanitizer */
#else
#define ALLOCATOR_IS_TAKEN 0
#endif

enum { SKIPPED = 77, PASSES = 3, HANDOVER_PLACES = 16, NUMBERS = 12 };

static atomic_bool armed;
static atomic_ulong allocations, releases;

#if !ALLOCATOR_IS_TAKEN
/* glibc's own, under the names it keeps for interposers. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

static void count(atomic_ulong *counter)
{
    if (atomic_load_explicit(&armed, memory_order_relaxed))
        atomic_fetch_add(counter, 1);
}

void *malloc(size_t size)
{
    count(&allocations);
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
    count(&allocations);
    return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size)
{
    count(&allocations);
    return __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    count(&allocations);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    count(&allocations);
    *block = __libc_memalign(alignment, size);
    return *block ? 0 : ENOMEM;
}

void free(void *block)
{
    if (block)
        count(&releases);
    __libc_free(block);
}
#endif

static char folder[] = "/tmp/atalaya-nothing-XXXXXX", recording[64], band[64], lone[64];
static struct handover *handover;
static unsigned long heard, urgent;

static void on_reception(void *context, const struct reception *reception)
{
    bool is_urgent = reception->message.distress == DISTRESS_RAISED;
    (void)context;
    heard++;
    urgent += is_urgent;
    /* Live: places run out on purpose, so that dropping is measured too. */
    assert_int_equal(handover_put(handover, reception, is_urgent, false), ATALAYA_OK);
}

static unsigned long transmissions;

static void on_activity(void *context, const struct activity *activity)
{
    (void)context;
    transmissions += activity->state == ACTIVITY_ENDED;
}

static void run(const char *const words[])
{
    pid_t child = fork();
    if (child == 0) {
        (void)execv(words[0], (char *const *)(uintptr_t)words);
        _exit(1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* Positions, texts and one emergency, with so little signal that some frames are torn. */
static void recording_write(const char *program, bool as_band)
{
    char text[NUMBERS][64];
    const char *words[NUMBERS + 12] = {program,
                                       "encode",
                                       as_band ? "--cnr" : "--ebn0",
                                       as_band ? "5" : "10",
                                       "--output",
                                       as_band ? band : recording};
    unsigned n = 6;
    if (as_band) {
        words[n++] = "--iq=cu8";
        words[n++] = "--rate=250000";
        words[n++] = "--centre=144800000";
    }
    for (int i = 0; i < NUMBERS; i++) {
        (void)snprintf(text[i], sizeof text[i],
                       i % 2 ? "N0CALL-%d>APZATL::DISPATCH :number" : "N0CALL-%d>APZATL:!3129.01N/11132.00W[",
                       i);
        words[n++] = text[i];
    }
    words[n++] = "N0CALL-7>234U6T:`(_fn\"Oj/hurt";
    words[n] = NULL;
    run(words);
}

/* One burst, and long before it nothing but noise. */
static void lone_write(const char *program)
{
    const char *words[] = {
        program, "encode", "--ebn0", "20", "--gap", "8", "--output", lone, "N0CALL-1>APZATL:>all well", NULL};
    run(words);
}

static struct receiver *receiver_open(struct config *config, const char *path, struct source **source)
{
    struct receiver *receiver;
    (void)snprintf(config->source[0].path, sizeof config->source[0].path, "%s", path);
    assert_int_equal(source_open(&config->source[0], source), ATALAYA_OK);
    assert_int_equal(receiver_create(config, 0, *source, on_reception, NULL, &receiver), ATALAYA_OK);
    assert_int_equal(receiver_watch(receiver, on_activity, NULL), ATALAYA_OK);
    return receiver;
}

/* `passes` of a recording, from the file into the hand-over. */
static void receive(struct config *config, const char *path, unsigned passes)
{
    struct source *source;
    struct protocol_counts counts;
    heard = urgent = transmissions = 0;
    assert_int_equal(handover_create(HANDOVER_PLACES, &handover), ATALAYA_OK);
    struct receiver *receiver = receiver_open(config, path, &source);

    unsigned long steps = 0;
    atomic_store(&armed, true);
    while (heard < (unsigned long)passes * NUMBERS && receiver_seconds(receiver) < 120) {
        if (receiver_step(receiver) != ATALAYA_OK)
            break;
        steps++;
    }
    atomic_store(&armed, false);

    receiver_counts(receiver, 0, &counts);
    print_message("%lu blocks, %.1f s of signal, %lu receptions, %lu of them distress, %lu dropped: "
                  "%lu allocations, %lu releases\n",
                  steps, receiver_seconds(receiver), heard, urgent, (unsigned long)handover_dropped(handover),
                  allocations, releases);
    assert_true(heard >= passes * NUMBERS);
    assert_true(urgent >= passes - 1);
    assert_true(transmissions > passes);
    assert_true(handover_dropped(handover) > 0 || passes == 1);
    assert_int_equal(allocations, 0);
    assert_int_equal(releases, 0);
    receiver_destroy(receiver);
    source_close(source);
    handover_destroy(handover);
}

static void receiver_and_handover_allocate_nothing(void **state)
{
    static struct config config = {
        .source_count = 1,
        .channel_count = 1,
        .source[0] = {.name = "tape", .type = SOURCE_FILE, .loop = true},
        .channel[0] = {.name = "aprs", .protocols = {"ax25"}, .protocol_count = 1},
    };
    (void)state;
    receive(&config, recording, PASSES);
}

/* Channels of a band as well, one of them quiet; their modems rest and start again. */
static void nor_do_the_channels_of_a_band(void **state)
{
    static struct config config = {
        .source_count = 1,
        .channel_count = 2,
        .source[0] = {.name = "band",
                      .type = SOURCE_FILE,
                      .format = SAMPLE_CU8,
                      .rate_hz = 250e3,
                      .centre_hz = 144.8e6,
                      .loop = true},
        .channel[0] = {.name = "busy", .protocols = {"ax25"}, .protocol_count = 1, .frequency_hz = 144.8e6},
        .channel[1] = {.name = "quiet", .protocols = {"ax25"}, .protocol_count = 1, .frequency_hz = 144.85e6},
    };
    (void)state;
    receive(&config, band, 1);
}

/* Watched for its noise, and tested with a burst of the site's own that is made beforehand. */
static void nor_does_a_test_of_the_site(struct config *config, const char *path)
{
    static struct noise_watch watches[1];
    const struct noise_settings settings = {6.0, 6.0, 60.0, 60.0};
    const struct config_distress distress = {.text_count = 0};
    struct words *words;
    struct source *source;
    struct test_burst *burst;
    struct self_test *test;
    struct self_test_outcome outcome;
    heard = 0;
    config->guard = (struct config_guard){.self_test_db = 15.0, .self_test_wait_s = 60.0};
    noise_watch_reset(&watches[0], &settings, NULL);
    assert_int_equal(words_create(&distress, &words), ATALAYA_OK);
    struct receiver *receiver = receiver_open(config, path, &source);
    assert_int_equal(receiver_guard(receiver, config, watches), ATALAYA_OK);
    assert_int_equal(test_burst_create(&config->channel[0], source_format(source), words, &burst),
                     ATALAYA_OK);
    assert_int_equal(self_test_create(config, 0, source_format(source), burst, &test), ATALAYA_OK);
    assert_true(receiver_test(receiver, test));
    allocations = releases = 0;
    atomic_store(&armed, true);
    while (!self_test_over(test) && receiver_seconds(receiver) < 60)
        if (receiver_step(receiver) != ATALAYA_OK)
            break;
    atomic_store(&armed, false);
    self_test_outcome(test, &outcome);
    assert_int_equal(outcome.result, SELF_TEST_PASSED);
    assert_int_equal(allocations, 0);
    assert_int_equal(releases, 0);
    receiver_destroy(receiver);
    self_test_destroy(test);
    source_close(source);
    words_destroy(words);
}

static void nor_does_a_test_in_audio(void **state)
{
    static struct config config = {
        .source_count = 1,
        .channel_count = 1,
        .source[0] = {.name = "tape", .type = SOURCE_FILE},
        .channel[0] = {.name = "aprs", .protocols = {"ax25"}, .protocol_count = 1},
    };
    (void)state;
    nor_does_a_test_of_the_site(&config, lone);
}

static void nor_does_a_test_in_a_band(void **state)
{
    static struct config config = {
        .source_count = 1,
        .channel_count = 1,
        .source[0] = {.name = "band",
                      .type = SOURCE_FILE,
                      .format = SAMPLE_CU8,
                      .rate_hz = 250e3,
                      .centre_hz = 144.8e6},
        .channel[0] = {.name = "quiet", .protocols = {"ax25"}, .protocol_count = 1, .frequency_hz = 144.85e6},
    };
    (void)state;
    nor_does_a_test_of_the_site(&config, band);
}

/* A counter that counts nothing would prove nothing. */
static void the_counter_counts(void **state)
{
    (void)state;
    atomic_store(&armed, true);
    FILE *file = fopen("/dev/null", "r"); /* in the library, where no compiler can remove it */
    int closed = file ? fclose(file) : EOF;
    atomic_store(&armed, false);
    assert_int_equal(closed, 0);
    assert_true(allocations >= 1);
    assert_true(releases >= 1);
}

int main(void)
{
    const char *program = getenv("ATALAYA_PROGRAM");
    if (ALLOCATOR_IS_TAKEN || !program) {
        puts(program ? "skipped: the sanitizer has the allocator" : "skipped: ATALAYA_PROGRAM is not set");
        return SKIPPED;
    }
    if (!mkdtemp(folder))
        return 1;
    (void)snprintf(recording, sizeof recording, "%s/tape.wav", folder);
    (void)snprintf(band, sizeof band, "%s/band.cu8", folder);
    (void)snprintf(lone, sizeof lone, "%s/lone.wav", folder);
    lone_write(program);
    recording_write(program, false);
    recording_write(program, true);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(receiver_and_handover_allocate_nothing),
        cmocka_unit_test(nor_do_the_channels_of_a_band),
        cmocka_unit_test(nor_does_a_test_in_audio),
        cmocka_unit_test(nor_does_a_test_in_a_band),
        cmocka_unit_test(the_counter_counts),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink(recording);
    (void)unlink(band);
    (void)unlink(lone);
    (void)rmdir(folder);
    return failed;
}
