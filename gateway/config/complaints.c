/* SPDX-License-Identifier: Apache-2.0 */
/* Complaints are collected, so that one run names all that is wrong, and told in the order of the file. */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/reading.h"
#include "config/text.h"

static void keep(struct complaints *complaints, unsigned line, bool is_error, const char *format,
                 va_list args) __attribute__((format(printf, 4, 0)));

static void keep(struct complaints *complaints, unsigned line, bool is_error, const char *format,
                 va_list args)
{
    struct complaint complaint = {.line = line, .is_error = is_error};
    vsnprintf(complaint.text, sizeof complaint.text, format, args);
    if (!text_is_utf8(complaint.text)) /* it quotes a hostile file, or was cut inside a character */
        for (char *c = complaint.text; *c; c++)
            if (*c < ' ' || *c > '~')
                *c = '?';
    for (unsigned i = 0; i < complaints->count; i++)
        if (complaints->item[i].line == line && strcmp(complaints->item[i].text, complaint.text) == 0)
            return; /* said in an earlier pass, or of another element of the same list */
    if (complaints->count == CONFIG_COMPLAINTS_MAX) {
        complaints->more++;
        return;
    }
    complaints->item[complaints->count++] = complaint;
}

void complain_error(struct complaints *complaints, unsigned line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    keep(complaints, line, true, format, args);
    va_end(args);
    complaints->errors++;
}

void complain_warning(struct complaints *complaints, unsigned line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    keep(complaints, line, false, format, args);
    va_end(args);
}

static int by_line(const void *a, const void *b)
{
    const struct complaint *left = a, *right = b;
    return (left->line > right->line) - (left->line < right->line);
}

static void report(const struct complaint *complaint, const char *file, config_complaint *complain,
                   void *context)
{
    char place[PATH_MAX + 12];
    if (complaint->line)
        snprintf(place, sizeof place, "%s:%u", file, complaint->line);
    else
        snprintf(place, sizeof place, "%s", file);
    complain(context, complaint->is_error, place, complaint->text);
}

void config_complain_to_stderr(void *context, bool is_error, const char *place, const char *text)
{
    (void)context;
    fprintf(stderr, "%s: %s%s\n", place, is_error ? "" : "warning: ", text);
}

void config_complain_errors_to_stderr(void *context, bool is_error, const char *place, const char *text)
{
    if (is_error)
        config_complain_to_stderr(context, is_error, place, text);
}

void complaints_report(struct complaints *complaints, const char *file, config_complaint *complain,
                       void *context)
{
    qsort(complaints->item, complaints->count, sizeof *complaints->item, by_line);
    for (unsigned i = 0; i < complaints->count; i++)
        report(&complaints->item[i], file, complain, context);
    if (complaints->more) {
        char text[64];
        snprintf(text, sizeof text, "and %u more; correct these first", complaints->more);
        complain(context, complaints->errors > 0, file, text);
    }
}
