/* QEMU plugin: executed instructions and estimated cycles of every function, as lines "function instructions cycles".
 *
 *     qemu-system-arm ... -plugin build/profile.so -d plugin -D profile.txt
 *
 * The cycles are a model, not a measurement: the instruction timings of the Cortex-M4 (Technical Reference Manual
 * r0p1, table 3-1) with memory that never makes the processor wait, branches always taken at 3 cycles, and two cycles
 * for each vector instruction, of which a Cortex-M55 does half in each.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The part of QEMU's plugin interface, version 1, that is used here (docs/devel/tcg-plugins). */
typedef uint64_t qemu_plugin_id_t;
typedef struct qemu_info_t qemu_info_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };
extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
extern void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void *), void *);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
extern const char *qemu_plugin_insn_symbol(const struct qemu_plugin_insn *);
extern char *qemu_plugin_insn_disas(const struct qemu_plugin_insn *);
extern void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *, enum qemu_plugin_op, void *, uint64_t);
extern void qemu_plugin_outs(const char *);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;
__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t, const qemu_info_t *, int, char **);

#define MOST_FUNCTIONS 512

static struct {
    char name[64];
    uint64_t instructions, cycles;
} functions[MOST_FUNCTIONS];
static size_t known;

static size_t place(const char *name) {
    size_t i = 0;
    while (i < known && strcmp(functions[i].name, name) != 0) {
        i++;
    }
    if (i == known) {
        known += known + 1 < MOST_FUNCTIONS;
        snprintf(functions[i].name, sizeof functions[i].name, "%s", name);
    }
    return i;
}

/* Registers in a list such as {r4, r5, lr}. */
static uint64_t listed(const char *text) {
    uint64_t count = 1;
    for (const char *at = strchr(text, '{'); at && *at; at++) {
        count += *at == ',';
    }
    return count;
}

static int begins(const char *text, const char *const *starts) {
    for (; *starts; starts++) {
        if (strncmp(text, *starts, strlen(*starts)) == 0) {
            return 1;
        }
    }
    return 0;
}

static uint64_t cycles(const char *text) {
    static const char *const lists[] = {"ldm", "stm", "push", "pop", "vpush", "vpop", "vldm", "vstm", 0};
    static const char *const pairs[] = {"ldrd", "strd", 0}, *const loads[] = {"ldr", 0};
    static const char *const divisions[] = {"udiv", "sdiv", 0}, *const bits[] = {"bic", "bfi", "bfc", 0};
    static const char *const branches[] = {"b", "cbz", "cbnz", "tb", "le", "wls", "dls", 0};
    if (begins(text, lists)) {
        return 1 + listed(text);
    }
    if (begins(text, pairs)) {
        return 3;
    }
    if (begins(text, loads) || *text == 'v' || *text == '.') { /* what the disassembler does not know is a vector */
        return 2;
    }
    if (begins(text, divisions)) {
        return 12;
    }
    return begins(text, branches) && !begins(text, bits) ? 3 : 1;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
        const char *name = qemu_plugin_insn_symbol(instruction);
        char *text = qemu_plugin_insn_disas(instruction);
        const size_t at = place(name ? name : "?");
        qemu_plugin_register_vcpu_insn_exec_inline(instruction, QEMU_PLUGIN_INLINE_ADD_U64, &functions[at].instructions,
                                                   1);
        qemu_plugin_register_vcpu_insn_exec_inline(instruction, QEMU_PLUGIN_INLINE_ADD_U64, &functions[at].cycles,
                                                   cycles(text));
        free(text);
    }
}

static void ended(qemu_plugin_id_t id, void *data) {
    (void)id;
    (void)data;
    for (size_t i = 0; i < known; i++) {
        char line[128];
        snprintf(line, sizeof line, "%.63s %llu %llu\n", functions[i].name, (unsigned long long)functions[i].instructions,
                 (unsigned long long)functions[i].cycles);
        qemu_plugin_outs(line);
    }
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int count, char **arguments) {
    (void)info;
    (void)count;
    (void)arguments;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, ended, NULL);
    return 0;
}
