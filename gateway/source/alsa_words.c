/* SPDX-License-Identifier: Apache-2.0 */
#include "source/alsa_words.h"

#include <alsa/asoundlib.h>
#include <stdarg.h>
#include <stdio.h>

#include "atalaya/gateway/log.h"

enum { ALSA_LINE_MAX = 256 };

static void alsa_words(const char *file, int line, const char *function, int error, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

static void alsa_words(const char *file, int line, const char *function, int error, const char *format, ...)
{
    char text[ALSA_LINE_MAX];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length >= 0)
        log_debug("alsa-lib %s:%d %s: %s (%d)", file, line, function, text, error);
}

void alsa_words_take(void)
{
    if (snd_lib_error_set_handler(alsa_words) < 0)
        log_debug("alsa-lib keeps its own error words");
}
