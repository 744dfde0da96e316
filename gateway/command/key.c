/* SPDX-License-Identifier: Apache-2.0 */
/* Makes and shows the keys that sign commands. The private half stays in its file. */
#include <stdio.h>
#include <string.h>

#include "atalaya/gateway/command.h"
#include "lifecycle/signature.h"

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

static int show(const char *path)
{
    struct signature_key key;
    char why[WHY_MAX];
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
    if (argc == 3 && strcmp(argv[1], "show") == 0)
        return show(argv[2]);
    fprintf(stderr, "atalaya key: needs make NAME FILE, or show FILE; see atalaya key --help\n");
    return EXIT_USAGE;
}

const struct command command_key = {
    .name = "key",
    .arguments = "make NAME FILE | show FILE",
    .summary = "make a key that signs commands, or show what a tower must know of it",
    .run = run,
};
