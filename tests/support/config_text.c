/* SPDX-License-Identifier: Apache-2.0 */
#include "config_text.h"

#include <stdio.h>
#include <string.h>

struct config_said said;

void said_reset(void)
{
    said = (struct config_said){0};
}

void said_note(void *context, bool is_error, const char *place, const char *text)
{
    size_t used = strlen(said.text);
    (void)context;
    (void)snprintf(said.text + used, sizeof said.text - used, "%s: %s%s\n", place,
                   is_error ? "" : "warning: ", text);
    *(is_error ? &said.errors : &said.warnings) += 1;
}

void assert_said(const char *words)
{
    if (!strstr(said.text, words))
        fail_msg("expected \"%s\" in:\n%s", words, said.text);
}

struct config *config_read(const char *text)
{
    struct config *config = NULL;
    said_reset();
    enum atalaya_result result = config_parse(text, strlen(text), "/etc/a/t.conf", &config, said_note, NULL);
    assert_int_equal(result == ATALAYA_OK, config != NULL);
    assert_int_equal(said.errors == 0, config != NULL);
    return config;
}

struct config *config_accept(const char *text)
{
    struct config *config = config_read(text);
    if (!config)
        fail_msg("refused:\n%s\n%s", text, said.text);
    return config;
}

void config_refuse(const char *text, const char *words)
{
    if (config_read(text))
        fail_msg("taken, without \"%s\":\n%s", words, text);
    assert_said(words);
}

void config_warn(const char *text, const char *words)
{
    struct config *config = config_accept(text);
    assert_true(said.warnings > 0);
    assert_said(words);
    config_free(config);
}
