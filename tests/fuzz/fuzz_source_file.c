/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a recording: refused, or read to its end in bounded blocks of finite samples. */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "atalaya/gateway/source.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int memory = -1;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    memory = memfd_create("recording", MFD_CLOEXEC);
    return memory < 0;
}

static void check_block(const struct source *source, const struct source_block *block)
{
    const struct source_format *format = source_format(source);
    if (block->frames > SOURCE_BLOCK_FRAMES)
        abort();
    for (size_t i = 0; i < block->frames * format->lanes; i++)
        if (!isfinite(block->samples[i]))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { BLOCKS_MAX = 200 }; /* a short header can promise hours of silence */
    struct config_source settings = {.name = "fuzz", .type = SOURCE_FILE};
    struct source_block block;
    struct source *source = NULL;
    if (ftruncate(memory, 0) != 0 || pwrite(memory, data, size, 0) != (ssize_t)size)
        abort();
    snprintf(settings.path, sizeof settings.path, "/proc/self/fd/%d", memory);
    if (source_open(&settings, &source) != ATALAYA_OK)
        return 0;
    for (int i = 0; i < BLOCKS_MAX && source_read(source, &block) == ATALAYA_OK; i++)
        check_block(source, &block);
    source_close(source);
    return 0;
}
