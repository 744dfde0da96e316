/* SPDX-License-Identifier: Apache-2.0 */
/* The last configuration that was good, for a start on which the file is damaged or wrong. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/reading.h"
#include "durable.h"

static const char name[] = "last-good.conf";

/* The first of the directories that systemd gives the service. */
static bool kept_path(char path[CONFIG_PATH_MAX])
{
    const char *state = getenv("STATE_DIRECTORY");
    size_t length = state ? strcspn(state, ":") : 0;
    if (length == 0 || length + sizeof name + 1 > CONFIG_PATH_MAX)
        return false;
    memcpy(path, state, length);
    path[length] = '/';
    memcpy(path + length + 1, name, sizeof name);
    return true;
}

static void say_nothing(void *context, bool is_error, const char *place, const char *text)
{
    (void)context, (void)is_error, (void)place, (void)text;
}

bool config_is_kept(void)
{
    char path[CONFIG_PATH_MAX];
    return kept_path(path) && access(path, R_OK) == 0;
}

bool config_keep(const char *file)
{
    char path[CONFIG_PATH_MAX];
    size_t size = 0, before = 0;
    if (!kept_path(path))
        return true;
    char *text = config_read_file(file, &size), *kept = config_read_file(path, &before);
    struct config *config = NULL;
    bool same = text && kept && size == before && memcmp(text, kept, size) == 0;
    /* It may be another than a moment ago. */
    bool good = text && !same && config_parse(text, size, file, &config, say_nothing, NULL) == ATALAYA_OK;
    config_free(config);
    errno = 0;
    bool done = same || !good || durable_replace(path, text, size);
    int error = errno;
    free(text);
    free(kept);
    errno = error;
    return done;
}

enum atalaya_result config_load_kept(const char *file, struct config **config)
{
    char path[CONFIG_PATH_MAX];
    size_t size = 0;
    *config = NULL;
    char *text = kept_path(path) ? config_read_file(path, &size) : NULL;
    if (!text)
        return ATALAYA_E_IO;
    enum atalaya_result result = config_parse(text, size, file, config, say_nothing, NULL);
    free(text);
    if (result == ATALAYA_OK)
        (*config)->is_kept = true;
    return result;
}
