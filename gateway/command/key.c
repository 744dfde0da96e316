/* SPDX-License-Identifier: Apache-2.0 */
/* Makes and shows keys: those that sign commands, and those that read what is sealed. The private half stays
 * in its file. */
#include <stdio.h>
#include <string.h>

#include "atalaya/gateway/command.h"
#include "lifecycle/signature.h"
#include "outlet/reader_key.h"

enum { WHY_MAX = 640 };

static void print_section(const struct signature_key *key)
{
    char text[SIGNATURE_TEXT_MAX];
    printf("signer \"%s\" {\n    public_key = \"%s\"\n}\n", key->name,
           signature_write(key->public_key, sizeof key->public_key, text));
}

static int make(const char *name, const char *path)
{
    struct signature_key key;
    char why[WHY_MAX];
    if (!signature_key_generate(name, &key)) {
        fprintf(stderr, "atalaya key: '%s' is no name; use 1 to %d of A-Z a-z 0-9 . _ -\n", name,
                CONFIG_NAME_MAX - 1);
        return EXIT_USAGE;
    }
    bool saved = signature_key_save(&key, path, why, sizeof why);
    if (saved) {
        fprintf(stderr,
                "The private half is in %s: keep it with the dispatcher, it never belongs on a tower.\n"
                "This belongs into the centre's section of each tower's configuration:\n",
                path);
        print_section(&key);
    } else
        fprintf(stderr, "atalaya key: %s; nothing was made\n", why);
    signature_key_forget(&key);
    return saved && fflush(stdout) == 0 ? 0 : 1;
}

static void print_reader(const struct reader_key *key)
{
    char text[READER_TEXT_MAX];
    printf("reader \"%s\" {\n    public_key = \"%s\"\n}\n", reader_key_name(key),
           reader_key_public(key, text));
}

static int show_reader(const char *path)
{
    char why[WHY_MAX];
    struct reader_key *key = reader_key_load(path, why, sizeof why);
    if (!key) {
        fprintf(stderr, "atalaya key: %s\n", why);
        return 1;
    }
    print_reader(key);
    reader_key_destroy(key);
    return fflush(stdout) == 0 ? 0 : 1;
}

static int make_reader(const char *name, const char *path)
{
    char why[WHY_MAX];
    if (!reader_key_make(name, path, why, sizeof why)) {
        fprintf(stderr, "atalaya key: %s; nothing was made\n", why);
        return 1;
    }
    fprintf(stderr,
            "The private half is in %s: whoever has it can read what is sealed to it.\n"
            "This belongs into each tower's configuration, and its name into seal_to of a broker:\n",
            path);
    return show_reader(path);
}

static int show(const char *path)
{
    struct signature_key key;
    char why[WHY_MAX];
    if (reader_key_is_in(path))
        return show_reader(path);
    if (!signature_key_load(path, &key, why, sizeof why)) {
        fprintf(stderr, "atalaya key: %s\n", why);
        return 1;
    }
    print_section(&key);
    signature_key_forget(&key);
    return fflush(stdout) == 0 ? 0 : 1;
}

static int run(int argc, char **argv)
{
    int status = options_parse(&command_key, NULL, 0, &argc, argv);
    if (status >= 0)
        return status;
    if (argc == 4 && strcmp(argv[1], "make") == 0)
        return make(argv[2], argv[3]);
    if (argc == 4 && strcmp(argv[1], "reader") == 0)
        return make_reader(argv[2], argv[3]);
    if (argc == 3 && strcmp(argv[1], "show") == 0)
        return show(argv[2]);
    fprintf(stderr,
            "atalaya key: needs make NAME FILE, reader NAME FILE, or show FILE; see atalaya key --help\n");
    return EXIT_USAGE;
}

const struct command command_key = {
    .name = "key",
    .arguments = "make NAME FILE | reader NAME FILE | show FILE",
    .summary = "make a key that signs commands (make) or reads what is sealed (reader), or show what a tower "
               "must know of it",
    .run = run,
};
