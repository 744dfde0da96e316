/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "bench.h"

enum { FALSE_MAX = 1024 }; /* different ones; more are not told apart from these */

struct bench_tally {
    unsigned frames, decoded, false_count;
    uint64_t false_hash[FALSE_MAX];
    struct bench_frame *frame;
    bool *heard;
};

struct bench_tally *bench_tally_create(const struct bench_case *row, uint64_t seed, unsigned frames)
{
    struct bench_tally *tally = calloc(1, sizeof *tally);
    if (!tally)
        return NULL;
    tally->frames = frames;
    tally->frame = calloc(frames, sizeof *tally->frame);
    tally->heard = calloc(frames, sizeof *tally->heard);
    if (!tally->frame || !tally->heard) {
        bench_tally_destroy(tally);
        return NULL;
    }
    for (unsigned i = 0; i < frames; i++)
        bench_frame_make(&tally->frame[i], row, seed, i);
    return tally;
}

void bench_tally_reset(struct bench_tally *tally)
{
    tally->decoded = tally->false_count = 0;
    memset(tally->heard, 0, tally->frames * sizeof *tally->heard);
}

static void hear(struct bench_tally *tally, unsigned index)
{
    tally->decoded += !tally->heard[index];
    tally->heard[index] = true;
}

/* FNV-1a. */
static void hear_false(struct bench_tally *tally, const void *bytes, size_t length)
{
    uint64_t hash = 0xcbf29ce484222325U;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3U;
    for (unsigned i = 0; i < tally->false_count; i++)
        if (tally->false_hash[i] == hash)
            return;
    if (tally->false_count < FALSE_MAX)
        tally->false_hash[tally->false_count++] = hash;
}

void bench_tally_hear(struct bench_tally *tally, const uint8_t *raw, size_t length)
{
    for (unsigned i = 0; i < tally->frames; i++)
        if (tally->frame[i].length == length && memcmp(tally->frame[i].raw, raw, length) == 0) {
            hear(tally, i);
            return;
        }
    hear_false(tally, raw, length);
}

void bench_tally_hear_calls(struct bench_tally *tally, const char *source, const char *destination)
{
    char both[64] = {0};
    for (unsigned i = 0; i < tally->frames; i++)
        if (strcmp(tally->frame[i].source, source) == 0 &&
            strcmp(tally->frame[i].destination, destination) == 0) {
            hear(tally, i);
            return;
        }
    strncpy(both, source, 31);
    strncpy(both + 32, destination, 31);
    hear_false(tally, both, sizeof both);
}

unsigned bench_tally_decoded(const struct bench_tally *tally)
{
    return tally->decoded;
}

unsigned bench_tally_false(const struct bench_tally *tally)
{
    return tally->false_count;
}

void bench_tally_destroy(struct bench_tally *tally)
{
    if (!tally)
        return;
    free(tally->frame);
    free(tally->heard);
    free(tally);
}
