/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin of QEMU 7.2's user emulation (qemu-aarch64 -plugin count_instructions.so,out=FILE PROGRAM): writes
 * how many instructions PROGRAM took. tests/bench/boards.py builds and uses it. Debian has no header for
 * plugins: what is needed of docs/devel/tcg-plugins is declared here. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct qemu_plugin_tb; /* a run of instructions without a branch */
typedef void translated(uint64_t id, struct qemu_plugin_tb *block);
typedef void ended(uint64_t id, void *context);
enum operation { ADD_U64 };

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, translated *call);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *block, enum operation what, void *to,
                                              uint64_t value);
void qemu_plugin_register_atexit_cb(uint64_t id, ended *call, void *context);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);

#define EXPORT __attribute__((visibility("default")))

EXPORT int qemu_plugin_version = 1;
EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

static uint64_t instructions;
static char path[4096];

static void count(uint64_t id, struct qemu_plugin_tb *block)
{
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_inline(block, ADD_U64, &instructions, qemu_plugin_tb_n_insns(block));
}

static void write_count(uint64_t id, void *context)
{
    (void)id, (void)context;
    FILE *file = fopen(path, "w");
    if (!file || fprintf(file, "%" PRIu64 "\n", instructions) < 0 || fclose(file) != 0)
        perror(path);
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
    (void)info;
    if (argc != 1 || strncmp(argv[0], "out=", 4) != 0 || strlen(argv[0]) >= sizeof path)
        return -1;
    snprintf(path, sizeof path, "%s", argv[0] + 4);
    qemu_plugin_register_vcpu_tb_trans_cb(id, count);
    qemu_plugin_register_atexit_cb(id, write_count, NULL);
    return 0;
}
