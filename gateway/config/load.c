/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration from a file or from memory: screened, read, filled, completed, reviewed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/reading.h"

static void note_directory(struct reading *reading, const char *name)
{
    const char *slash = strrchr(name, '/');
    size_t length = slash ? (size_t)(slash - name) + 1 : 0;
    if (length >= sizeof reading->directory)
        length = 0;
    memcpy(reading->directory, name, length);
    snprintf(reading->config->file, sizeof reading->config->file, "%s", name);
}

static void read_text(struct reading *reading, char *text, size_t size)
{
    if (!screen_text(text, size, &reading->complaints))
        return;
    cfg_t *root = read_sections(reading, text);
    if (!root)
        return;
    fill_config(reading, root);
    cfg_free(root);
    complete_config(reading);
    review_config(reading);
}

enum atalaya_result config_parse(const char *text, size_t size, const char *name, struct config **config,
                                 config_complaint *complain, void *context)
{
    *config = NULL;
    if (size > CONFIG_FILE_MAX) {
        complain(context, true, name, "is larger than 1 MiB; this cannot be a configuration");
        return ATALAYA_E_LENGTH;
    }
    struct reading *reading = calloc(1, sizeof *reading);
    struct config *made = calloc(1, sizeof *made);
    char *copy = malloc(size + 1);
    if (!reading || !made || !copy) {
        free(reading);
        free(made);
        free(copy);
        complain(context, true, name, "out of memory");
        return ATALAYA_E_MEMORY;
    }
    memcpy(copy, text, size);
    copy[size] = '\0';
    reading->config = made;
    note_directory(reading, name);
    read_text(reading, copy, size);
    complaints_report(&reading->complaints, name, complain, context);
    bool good = reading->complaints.errors == 0;
    free(copy);
    free(reading);
    if (!good) {
        free(made);
        return ATALAYA_E_FORMAT;
    }
    *config = made;
    return ATALAYA_OK;
}

char *config_read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return NULL;
    char *text = malloc(CONFIG_FILE_MAX + 1);
    if (text) {
        *size = fread(text, 1, CONFIG_FILE_MAX + 1, file);
        if (ferror(file)) {
            int error = errno;
            free(text);
            text = NULL;
            errno = error;
        }
    }
    int error = errno;
    fclose(file);
    errno = error;
    return text;
}

enum atalaya_result config_load(const char *path, struct config **config, config_complaint *complain,
                                void *context)
{
    *config = NULL;
    if (strlen(path) >= CONFIG_PATH_MAX) {
        complain(context, true, path, "the path is too long; at most 511 bytes");
        return ATALAYA_E_LENGTH;
    }
    size_t size = 0;
    char *text = config_read_file(path, &size);
    if (!text) {
        char why[160];
        int error = errno;
        snprintf(why, sizeof why, "cannot be read: %s; %s", strerror(error),
                 error == ENOENT   ? "atalaya sample-config prints one to begin with"
                 : error == EISDIR ? "name a file"
                                   : "check who may read it");
        complain(context, true, path, why);
        return error == EACCES ? ATALAYA_E_DENIED : ATALAYA_E_IO;
    }
    enum atalaya_result result = config_parse(text, size, path, config, complain, context);
    free(text);
    return result;
}

void config_free(struct config *config)
{
    free(config);
}
