/* SPDX-License-Identifier: Apache-2.0 */
/* The text before libconfuse sees it. Its lexer (3.3) does more than a configuration needs: it replaces
 * ${VARIABLES}, calls functions, takes an open comment for the end of the file without a word, and says
 * "premature end of file" for every forgotten brace. What passes here is the plain language of
 * atalaya.conf(5): words, "texts", { } = += and commas. */
#include <string.h>

#include "config/reading.h"

struct screen {
    char *begin, *at, *end;
    unsigned line;
    unsigned depth, braces;
    unsigned commas;                   /* since the last opening brace */
    unsigned opened[CONFIG_DEPTH_MAX]; /* lines of the open braces */
    struct complaints *complaints;
};

static bool refuse(struct screen *screen, const char *what)
{
    complain_error(screen->complaints, screen->line, "%s", what);
    return false;
}

static void blank_line_comment(struct screen *screen)
{
    while (screen->at < screen->end && *screen->at != '\n')
        *screen->at++ = ' ';
}

static bool blank_block_comment(struct screen *screen)
{
    unsigned begun = screen->line;
    char *close = strstr(screen->at + 2, "*/");
    if (!close) {
        complain_error(screen->complaints, begun,
                       "the comment that begins here has no end; close it with */");
        return false;
    }
    for (; screen->at < close + 2; screen->at++) {
        if (*screen->at == '\n')
            screen->line++;
        else
            *screen->at = ' ';
    }
    return true;
}

static bool pass_string(struct screen *screen)
{
    const char *begin = screen->at + 1;
    for (screen->at++; *screen->at != '"'; screen->at++) {
        if (screen->at - begin > CONFIG_STRING_MAX)
            return refuse(screen,
                          "the text that begins in this line is too long, or has no end; at most 1024 bytes");
        if (screen->at == screen->end || *screen->at == '\n')
            return refuse(screen, "the text that begins in this line has no end; close it with \"");
        if ((unsigned char)*screen->at < ' ' || *screen->at == 0x7f)
            return refuse(screen, "a control character inside a text; write it without");
        if (screen->at[0] == '$' && screen->at[1] == '{')
            return refuse(screen, "${...} has no meaning here; write the value itself");
        if (*screen->at != '\\')
            continue;
        screen->at++;
        if (*screen->at != '"' && *screen->at != '\\')
            return refuse(screen,
                          "a backslash in a text stands before \" or \\ only; write \\\\ for one backslash");
    }
    screen->at++;
    return true;
}

static bool pass_brace(struct screen *screen)
{
    if (*screen->at == '}') {
        if (screen->depth == 0)
            return refuse(screen, "a closing brace without its opening one; remove it");
        screen->depth--;
    } else {
        if (screen->depth == CONFIG_DEPTH_MAX) {
            complain_error(screen->complaints, screen->line,
                           "braces go too deep; is one of those of lines %u to %u not closed?",
                           screen->opened[0], screen->opened[CONFIG_DEPTH_MAX - 1]);
            return false;
        }
        if (screen->braces++ == CONFIG_BRACES_MAX)
            return refuse(screen, "too many sections; at most 5120 opening braces in a file");
        screen->commas = 0;
        screen->opened[screen->depth++] = screen->line;
    }
    screen->at++;
    return true;
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("._:/@%+-~*=,", c));
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "key = 144,39": a comma after digits that an equal sign stands before. In a list there is a brace. */
static bool is_decimal_comma(const struct screen *screen)
{
    const char *back = screen->at;
    if (!is_digit(screen->at[1]))
        return false;
    while (back > screen->begin && (is_digit(back[-1]) || back[-1] == '-'))
        back--;
    bool number = back < screen->at;
    while (back > screen->begin && (back[-1] == ' ' || back[-1] == '\t'))
        back--;
    return number && back > screen->begin && back[-1] == '=';
}

static bool pass_other(struct screen *screen)
{
    char c = *screen->at;
    if (c == '\n')
        screen->line++;
    else if (c == '\r' || c == '\t')
        *screen->at = ' ';
    else if (c == ',' && is_decimal_comma(screen))
        return refuse(
            screen,
            "numbers have a point where others write a comma, and no thousands: 144390000 or 144.39e6");
    else if (c == ',' && screen->commas++ == CONFIG_COMMAS_MAX)
        return refuse(screen, "this list is too long; at most 64 texts");
    else if (c != ' ' && !is_plain(c)) {
        if (c == '\'')
            return refuse(screen, "texts stand in \"double quotes\"");
        if (c == ';')
            return refuse(screen, "';' has no meaning here: a setting ends by itself; take it away");
        if (c > ' ' && c < 0x7f)
            complain_error(screen->complaints, screen->line,
                           "'%c' has no meaning here; put texts in \"quotes\"", c);
        else
            refuse(screen, "a character outside of ASCII; put texts in \"quotes\"");
        return false;
    }
    screen->at++;
    return true;
}

static bool pass_token(struct screen *screen)
{
    char c = screen->at[0], next = screen->at[1];
    if (c == '#' || (c == '/' && next == '/')) {
        blank_line_comment(screen);
        return true;
    }
    if (c == '/' && next == '*')
        return blank_block_comment(screen);
    if (c == '"')
        return pass_string(screen);
    if (c == '{' || c == '}')
        return pass_brace(screen);
    return pass_other(screen);
}

bool screen_text(char *text, size_t size, struct complaints *complaints)
{
    struct screen screen = {
        .begin = text, .at = text, .end = text + size, .line = 1, .complaints = complaints};
    if (memchr(text, '\0', size)) {
        complain_error(complaints, 0, "this is not a text file: it holds a zero byte");
        return false;
    }
    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        memset(text, ' ', 3); /* editors of other systems begin UTF-8 files with this mark */
    while (screen.at < screen.end)
        if (!pass_token(&screen))
            return false;
    if (screen.depth) {
        complain_error(complaints, screen.opened[screen.depth - 1],
                       "the brace that opens here is never closed; add a }");
        return false;
    }
    return true;
}
