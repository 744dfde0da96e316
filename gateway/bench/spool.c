/* SPDX-License-Identifier: Apache-2.0 */
/* The spool alone: one thread, as it is between main thread and link, without a broker. */
#include "bench/spool.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/spool.h"

enum {
    PAYLOAD_BYTES = 600, /* a position as it is published */
    BATCH = 1000,        /* a second's worth at 1,000 bursts a second */
    WINDOW = 20,         /* in flight at one time */
    DISTRESSES = 50
};

struct bench {
    const struct bench_spool_options *options;
    struct config *config;
    struct spool *spool;
    struct spool_reader *reader;
    char payload[PAYLOAD_BYTES];
    int64_t ids[WINDOW]; /* of the items read last */
    size_t count;
    enum spool_class first; /* class of the first of them */
    uint64_t read_bytes, written_bytes;
};

static double seconds_since(int64_t start_ns)
{
    return (double)(clock_mono_ns() - start_ns) * 1e-9;
}

/* What the process wrote towards the disk; 0 where the kernel does not count. */
static uint64_t written(void)
{
    unsigned long long bytes = 0;
    char line[100];
    FILE *file = fopen("/proc/self/io", "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "write_bytes: ", 13) == 0)
            bytes = strtoull(line + 13, NULL, 10);
    if (file)
        fclose(file);
    return bytes;
}

static double resident_mib(void)
{
    unsigned long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fscanf(file, "%lu %lu", &pages, &resident) != 2)
        resident = 0;
    if (file)
        fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

static bool append(struct bench *bench, enum spool_class class, unsigned number)
{
    char topic[SPOOL_TOPIC_MAX];
    int length =
        snprintf(bench->payload, sizeof bench->payload, "{\"v\":1,\"number\":%u,\"filler\":\"", number);
    memset(bench->payload + length, 'x', sizeof bench->payload - (size_t)length - 2);
    memcpy(bench->payload + sizeof bench->payload - 2, "\"}", 2);
    snprintf(topic, sizeof topic, "site/bench/%s/unit-%u", spool_class_text(class), number % 200);
    struct spool_item item = {
        .class = class, .topic = topic, .payload = bench->payload, .length = sizeof bench->payload};
    return spool_append(bench->spool, &item) == ATALAYA_OK;
}

static void on_item(void *context, const struct spool_item *item)
{
    struct bench *bench = context;
    if (bench->count == 0)
        bench->first = item->class;
    bench->ids[bench->count++] = item->id;
}

/* What a link does: the next ones, and all of them taken. */
static bool take_some(struct bench *bench, size_t most)
{
    size_t count;
    bench->count = 0;
    if (spool_reader_next(bench->reader, NULL, 0, most, on_item, bench, &count) != ATALAYA_OK)
        return false;
    spool_reader_taken(bench->reader, bench->ids, bench->count);
    return spool_delivered(bench->spool, 0, bench->ids, bench->count) == ATALAYA_OK;
}

static bool fill(struct bench *bench)
{
    int64_t start_ns = clock_mono_ns();
    uint64_t before = written();
    for (unsigned i = 0; i < bench->options->items; i++) {
        if (!append(bench, SPOOL_MESSAGE, i))
            return false;
        if ((i % BATCH == BATCH - 1 || i + 1 == bench->options->items) &&
            spool_commit(bench->spool) != ATALAYA_OK)
            return false;
    }
    double seconds = seconds_since(start_ns);
    printf("append   %8u items of %d bytes in %.1f s: %.0f a second, %.0f bytes written for each, %.1f MiB "
           "resident\n",
           bench->options->items, PAYLOAD_BYTES, seconds, bench->options->items / seconds,
           (double)(written() - before) / bench->options->items, resident_mib());
    return true;
}

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* From the call to the disk, and on to a reader that has everything else waiting. */
static bool call_for_help(struct bench *bench)
{
    double disk_ms[DISTRESSES], reader_ms[DISTRESSES];
    for (unsigned i = 0; i < DISTRESSES; i++) {
        int64_t start_ns = clock_mono_ns();
        if (!append(bench, SPOOL_DISTRESS, i))
            return false;
        disk_ms[i] = 1e3 * seconds_since(start_ns);
        if (!take_some(bench, 1) || bench->count == 0 || bench->first != SPOOL_DISTRESS) {
            fprintf(stderr, "atalaya bench: a distress does not come first\n");
            return false;
        }
        reader_ms[i] = 1e3 * seconds_since(start_ns);
        if (spool_commit(bench->spool) != ATALAYA_OK)
            return false;
    }
    qsort(disk_ms, DISTRESSES, sizeof *disk_ms, by_size);
    qsort(reader_ms, DISTRESSES, sizeof *reader_ms, by_size);
    printf(
        "distress %8d beside them: on disk after %.1f ms (most %.1f), read first after %.1f ms (most %.1f)\n",
        DISTRESSES, disk_ms[DISTRESSES / 2], disk_ms[DISTRESSES - 1], reader_ms[DISTRESSES / 2],
        reader_ms[DISTRESSES - 1]);
    return true;
}

static bool drain(struct bench *bench)
{
    int64_t start_ns = clock_mono_ns();
    uint64_t before = written(), taken = 0;
    do {
        if (!take_some(bench, WINDOW))
            return false;
        taken += bench->count;
    } while (bench->count > 0);
    if (spool_commit(bench->spool) != ATALAYA_OK)
        return false;
    double seconds = seconds_since(start_ns);
    printf("drain    %8" PRIu64 " items in %.1f s: %.0f a second, %.0f bytes written for each, %.1f MiB "
           "resident\n",
           taken, seconds, (double)taken / seconds, (double)(written() - before) / (double)taken,
           resident_mib());
    return true;
}

static bool reopen(struct bench *bench)
{
    spool_close(bench->spool);
    bench->spool = NULL;
    int64_t start_ns = clock_mono_ns();
    if (spool_open(bench->config, &bench->spool) != ATALAYA_OK)
        return false;
    printf("open     full in %.2f s\n", seconds_since(start_ns));
    return true;
}

static bool prepare(struct bench *bench)
{
    const struct bench_spool_options *options = bench->options;
    bench->config = calloc(1, sizeof *bench->config);
    if (!bench->config)
        return false;
    struct config *config = bench->config;
    config->broker_count = 1;
    snprintf(config->broker[0].name, sizeof config->broker[0].name, "%s", options->broker);
    snprintf(config->spool.path, sizeof config->spool.path, "%s", options->path);
    config->spool.limit_bytes = (uint64_t)options->items * 2048 + (64 << 20);
    config->spool.reserve_bytes = 16 << 20;
    config->spool.batch_s = 1;
    if (access(options->path, F_OK) == 0) {
        fprintf(stderr, "atalaya bench: %s exists: give the name of a new file\n", options->path);
        return false;
    }
    return spool_open(config, &bench->spool) == ATALAYA_OK &&
           spool_reader_open(options->path, options->broker, &bench->reader) == ATALAYA_OK;
}

static void remove_files(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-lock"};
    char name[CONFIG_PATH_MAX + 8];
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        if (unlink(name) != 0 && errno != ENOENT)
            perror(name);
    }
}

int bench_spool(const struct bench_spool_options *options)
{
    static struct bench bench;
    bench = (struct bench){.options = options};
    bool opened = prepare(&bench);
    bool good = opened && fill(&bench) &&
                (options->keep || (call_for_help(&bench) && reopen(&bench) && drain(&bench)));
    spool_reader_close(bench.reader);
    if (bench.spool)
        spool_close(bench.spool);
    if (opened && !(options->keep && good))
        remove_files(options->path);
    free(bench.config);
    if (!good)
        fprintf(stderr, "atalaya bench: the spool at %s did not take it\n", options->path);
    return good ? 0 : 1;
}
