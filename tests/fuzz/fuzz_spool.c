/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the spool's database, and as the log beside it from a page on that begins as a log does:
 * refused, or opened, read and added to; and what was added is there when it is opened again, with nothing
 * damaged any more. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "atalaya/gateway/log.h"
#include "atalaya/gateway/spool.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PAGE = 4096 };

static char folder[64];
static struct config config = {.spool = {.limit_bytes = 1 << 20, .reserve_bytes = 1 << 20, .batch_s = 1},
                               .broker_count = 2,
                               .broker = {{.name = "b0"}, {.name = "b1"}}};

static void empty_folder(void)
{
    DIR *all = opendir(folder);
    for (struct dirent *one; all && (one = readdir(all));)
        if (one->d_name[0] != '.')
            (void)unlinkat(dirfd(all), one->d_name, 0);
    if (all)
        closedir(all);
}

static void remove_folder(void)
{
    empty_folder();
    (void)rmdir(folder);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    snprintf(folder, sizeof folder, "%s/atalaya-fuzz-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"); /* syncs cost nothing in memory */
    if (!mkdtemp(folder) || atexit(remove_folder) != 0)
        return 1;
    snprintf(config.spool.path, sizeof config.spool.path, "%s/spool.db", folder);
    return 0;
}

static void see_item(void *context, const struct spool_item *item)
{
    bool *seen = context;
    if ((unsigned)item->class >= SPOOL_CLASS_COUNT || !item->topic || (item->length > 0 && !item->payload))
        abort();
    *seen = *seen || strcmp(item->topic, "site/t/distress/new") == 0;
}

static void see_state(void *context, const char *key, const void *value, size_t length)
{
    size_t *octets = context;
    *octets += strlen(key) + length + (length > 0 ? ((const uint8_t *)value)[length - 1] : 0);
}

static bool is_there(void)
{
    struct spool_reader *reader;
    size_t count;
    bool seen = false;
    if (spool_reader_open(config.spool.path, "b0", &reader) != ATALAYA_OK)
        abort();
    (void)spool_reader_next(reader, NULL, 0, 256, see_item, &seen, &count); /* it may find damage, too */
    spool_reader_close(reader);
    return seen;
}

static void write_file(const char *tail, const uint8_t *data, size_t size)
{
    char path[CONFIG_PATH_MAX + 8];
    snprintf(path, sizeof path, "%s%s", config.spool.path, tail);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size || close(fd) != 0)
        abort();
}

static void write_files(const uint8_t *data, size_t size)
{
    static const uint8_t begins[3] = {0x37, 0x7f, 0x06};
    size_t log = PAGE;
    while (log + sizeof begins <= size && memcmp(data + log, begins, sizeof begins) != 0)
        log += PAGE;
    if (log + sizeof begins > size)
        log = size;
    write_file("", data, log);
    if (log < size)
        write_file("-wal", data + log, size - log);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct spool *spool;
    struct spool_counts counts;
    struct spool_item item = {
        .class = SPOOL_DISTRESS, .topic = "site/t/distress/new", .payload = "{}", .length = 2};
    size_t octets = 0;
    log_set_level(LOG_LEVEL_ERROR);
    empty_folder();
    write_files(data, size);
    if (spool_open(&config, &spool) != ATALAYA_OK)
        return 0;
    (void)is_there();
    (void)spool_list(spool, "distress", see_state, &octets);
    if (spool_append(spool, &item) != ATALAYA_OK || !is_there())
        abort();
    spool_close(spool);
    if (spool_open(&config, &spool) != ATALAYA_OK)
        abort();
    spool_counts(spool, &counts);
    if (counts.failing || counts.damaged || !is_there())
        abort();
    spool_close(spool);
    return 0;
}
