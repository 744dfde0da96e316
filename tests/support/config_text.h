/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of configurations: taken or refused, and what is said about them. */
#ifndef CONFIG_TEXT_H
#define CONFIG_TEXT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "atalaya/gateway/config.h"

/* Everything that was complained about since said_reset, a line each: "PLACE: text", "PLACE: warning: text".
 */
struct config_said {
    char text[1 << 16];
    unsigned errors, warnings;
};
extern struct config_said said;
void said_reset(void);
config_complaint said_note;
void assert_said(const char *words);

/* These forget what was said before. The file's name is /etc/a/t.conf. NULL: refused, and told why. */
struct config *config_read(const char *text);
/* Asserts that it is taken, whatever is said. */
struct config *config_accept(const char *text);
/* ... that it is refused with such words; that it is taken, and the words are a warning. */
void config_refuse(const char *text, const char *words);
void config_warn(const char *text, const char *words);

#endif
