// Speed of the matmul kernels alone, one thread, as shares of what the same thread can do at best: each measurement takes turns
// with the peak that it is a share of, time is the thread's own CPU time, and the best turns count: other work on the machine,
// and on the other half of the same core, can only take from a rate. Prints one JSON object a line. kernels.py builds it, and
// makes a table or a check of what it prints.
//
// usage: kernels [--turns 9] [--memory MB] [--set NAME] [--type NAME]      --memory: single rows from memory too
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "swl.h"

enum { columns = 1536, many = 256 };

static const struct format {
    const char *name;
    uint32_t type;
    size_t block, bytes;
} formats[] = {
    {"F32", 0, 1, 4},      {"F16", 1, 1, 2},      {"BF16", 30, 1, 2},    {"Q4_0", 2, 32, 18},
    {"Q4_1", 3, 32, 20},   {"Q5_0", 6, 32, 22},   {"Q5_1", 7, 32, 24},   {"Q8_0", 8, 32, 34},
    {"Q2_K", 10, 256, 84}, {"Q3_K", 11, 256, 110}, {"Q4_K", 12, 256, 144}, {"Q5_K", 13, 256, 176},
    {"Q6_K", 14, 256, 210}, {"IQ4_NL", 20, 32, 18}, {"IQ4_XS", 23, 256, 136}, {"MXFP4", 39, 32, 17},
};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void *memory(size_t bytes) {
    void *p = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
    if (!p) {
        fprintf(stderr, "kernels: no memory for %zu bytes\n", bytes);
        exit(1);
    }
    return p;
}

static uint32_t dice = 12345;
static float uniform(void) {
    dice = dice * 1664525u + 1013904223u;
    return (float)(dice >> 8) / (float)(1 << 23) - 1.0f;
}

/// `rows` rows of a format: 16 that are encoded from random numbers, again and again.
static char *weights(const swl_kernels *k, const struct format *f, size_t rows) {
    const size_t row = columns / f->block * f->bytes;
    char *to = memory(rows * row);
    float *x = memory(16 * columns * sizeof(float));
    for (size_t i = 0; i < 16 * columns; i++) x[i] = uniform();
    if (f->block == 1) {
        for (size_t i = 0; i < 16 * columns; i++) {
            if (f->type == 0) memcpy(to + i * 4, x + i, 4);
            uint32_t bits;
            memcpy(&bits, x + i, 4);
            // Halves of any normal size do: sign, an exponent of 2^-7 to 2^0, ten bits.
            const uint16_t half = f->type == 30 ? bits >> 16 : (bits >> 16 & 0x83ff) | (8u + (bits & 7u)) << 10;
            if (f->type != 0) memcpy(to + i * 2, &half, 2);
        }
    } else {
        const swl_encode e = {.type = f->type, .x = x, .blocks = 16 * columns / f->block, .row_blocks = columns / f->block,
                              .to = to};
        if (!k->encode(&e))
            for (size_t i = 0; i < 16 * row; i++) to[i] = (char)(dice = dice * 1664525u + 1013904223u, dice >> 24);
    }
    for (size_t r = 16; r < rows; r += 16) memcpy(to + r * row, to, 16 * row);
    free(x);
    return to;
}

typedef struct work {
    const swl_kernels *kernels;
    const struct format *format;
    const char *weights;
    size_t rows, tokens;
    swl_activations activations;
    float *x, *output;
    void *quantized, *rounded, *scratch;
} work;

static work prepare(const swl_kernels *k, const struct format *f, const char *weights, size_t rows, size_t tokens) {
    work w = {.kernels = k, .format = f, .weights = weights, .rows = rows, .tokens = tokens};
    w.x = memory(tokens * columns * sizeof(float));
    // A block in twenty is larger than the others, as in real activations.
    for (size_t i = 0; i < tokens * columns; i++) w.x[i] = uniform() * (i / 32 % 20 == 3 ? 8.0f : 1.0f);
    w.quantized = memory(swl_activations_bytes(tokens, columns));
    w.activations = swl_activations_at(w.quantized, tokens, columns);
    w.rounded = memory(swl_rounded_bytes(tokens, columns));
    for (size_t tile = 0; tile < (tokens + SWL_TILE - 1) / SWL_TILE; tile++) {
        k->quantize(w.x, columns, &w.activations, tile);
        k->round(w.x, columns, tokens, columns, tile, w.rounded);
    }
    w.output = memory(tokens * rows * sizeof(float));
    w.scratch = memory(swl_scratch_bytes(tokens));
    return w;
}

static void run(const work *w) {
    const size_t row = columns / w->format->block * w->format->bytes;
    // As SwiftletTensors shares rows out.
    const size_t group = swl_kind_of(w->format->type) == swl_kind_bfloat ? 2 * SWL_GROUP : SWL_GROUP;
    for (size_t r = 0; r < w->rows; r += group) {
        const size_t rows = w->rows - r < group ? w->rows - r : group;
        const swl_matmul m = {.type = w->format->type, .weights = w->weights + r * row, .row_bytes = row, .rows = rows,
                              .columns = columns, .tokens = w->tokens, .quantized = &w->activations, .floats = w->x,
                              .floats_stride = columns, .rounded = w->rounded,
                              .scratch = w->scratch, .output = w->output + r, .output_stride = w->rows,
                              .rows_after = w->rows - r - rows};
        w->kernels->matmul(&m);
    }
}

/// Seconds of one run.
static double once(const work *w) {
    run(w);
    const double start = now();
    run(w);
    return now() - start;
}

static double rate(const work *w, int count) {
    const double start = now();
    for (int i = 0; i < count; i++) run(w);
    return (double)count * (double)w->rows * (double)w->tokens * columns / (now() - start);
}

/// How many rounds of a peak are some milliseconds.
static uint64_t rounds_for(uint64_t (*peak)(uint64_t, float *)) {
    float result;
    for (uint64_t rounds = 16;; rounds *= 2) {
        const double start = now();
        peak(rounds, &result);
        if (now() - start > 0.002) return rounds;
    }
}

static double peak_rate(uint64_t (*peak)(uint64_t, float *), uint64_t rounds) {
    float result;
    const double start = now();
    const uint64_t done = peak(rounds, &result);
    return (double)done / (now() - start);
}

static double larger(double a, double b) { return a > b ? a : b; }

typedef uint32_t lanes __attribute__((vector_size(16)));

/// Bytes a second of a plain loop over the second cache: loads, masks, shifts, sums, as many as the core can issue. What another
/// program on the other half of the core takes from the kernels of single rows, it takes from this too; the peaks, which want
/// one unit only, may notice nothing.
static double yardstick(void) {
    enum { bytes = 300 << 10, rounds = 60 };
    static const lanes *from;
    if (!from) from = memset(memory(bytes), 3, bytes);
    lanes a = {0}, b = {0}, c = {0}, d = {0};
    const double start = now();
    for (int round = 0; round < rounds; round++)
        for (size_t i = 0; i < bytes / sizeof(lanes); i += 4) {
            a += from[i] & 0x0f0f0f0f;
            b += (from[i + 1] >> 4) & 0x0f0f0f0f;
            c += from[i + 2] & 0x0f0f0f0f;
            d += (from[i + 3] >> 4) & 0x0f0f0f0f;
            // The sums exist: the loop is not left out.
            __asm__ volatile("" : : "m"(*from));
        }
    a += b + c + d;
    volatile uint32_t result = a[0];
    (void)result;
    return (double)rounds * bytes / (now() - start);
}

/// A kernel's best rate, and its share of the best of the peaks that were measured in turn with it; and the yardstick's.
typedef struct speed {
    double rate, share, yardstick;
} speed;

static speed measure(const work *w, uint64_t (*peak)(uint64_t, float *), uint64_t rounds, int turns) {
    const double seconds = once(w);
    const int count = seconds < 1e-6 ? 2000 : seconds > 0.002 ? 1 : (int)(0.002 / seconds);
    // Plain C's floats call fmaf for each product: long runs need fewer turns.
    if (seconds > 0.02 && turns > 3) turns = 3;
    double best = 0, plain = 0, most = peak_rate(peak, rounds);
    for (int turn = 0; turn < turns; turn++) {
        plain = larger(plain, yardstick());
        best = larger(best, rate(w, count));
        most = larger(most, peak_rate(peak, rounds));
    }
    return (speed){best, best / most, plain / most};
}

/// The same against a plain sum of as much memory.
static speed measure_memory(const work *w, const char *other, size_t bytes, int turns) {
    const double row = (double)(columns / w->format->block * w->format->bytes);
    double best = 0, most = 0;
    run(w);
    for (int turn = 0; turn < turns; turn++) {
        float result;
        const double start = now();
        w->kernels->peak_read(other, bytes, &result);
        most = larger(most, (double)bytes / (now() - start));
        best = larger(best, rate(w, 1) / columns * row);
    }
    return (speed){best, best / most, 0};
}

static void release(work *w) {
    free(w->quantized);
    free(w->rounded);
    free(w->x);
    free(w->output);
    free(w->scratch);
}

int main(int count, char **arguments) {
    int turns = 9;
    size_t megabytes = 0;
    const char *only = NULL, *type = NULL;
    for (int i = 1; i + 1 < count; i += 2) {
        if (!strcmp(arguments[i], "--turns")) turns = atoi(arguments[i + 1]);
        if (!strcmp(arguments[i], "--memory")) megabytes = strtoul(arguments[i + 1], NULL, 10);
        if (!strcmp(arguments[i], "--set")) only = arguments[i + 1];
        if (!strcmp(arguments[i], "--type")) type = arguments[i + 1];
    }
    if (turns < 1 || count % 2 == 0) {
        fprintf(stderr, "usage: kernels [--turns 9] [--memory MB] [--set NAME] [--type NAME]\n");
        return 2;
    }
    char *other = megabytes ? memory(megabytes << 20) : NULL;
    if (other) memset(other, 1, megabytes << 20);
    for (int set = swl_scalar; set <= swl_neon; set++) {
        const swl_kernels *k = swl_kernels_for((swl_instruction_set)set);
        if (!k || (only && strcmp(only, k->name))) continue;
        const uint64_t integers = rounds_for(k->peak_integer), floats = rounds_for(k->peak_float);
        const uint64_t pairs = rounds_for(k->peak_pairs);
        printf("{\"set\": \"%s\", \"peak_int8\": %.1f, \"peak_float\": %.1f, \"peak_bf16\": %.1f}\n", k->name,
               peak_rate(k->peak_integer, integers) / 1e9, peak_rate(k->peak_float, floats) / 1e9,
               peak_rate(k->peak_pairs, pairs) / 1e9);
        for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
            const struct format *f = &formats[i];
            if (type && strcmp(type, f->name)) continue;
            const swl_kind kind = swl_kind_of(f->type);
            uint64_t (*peak)(uint64_t, float *) = kind == swl_kind_float ? k->peak_float : k->peak_integer;
            uint64_t rounds = kind == swl_kind_float ? floats : integers;
            const char *peak_name = kind == swl_kind_float ? "float" : "int8";
            if (kind == swl_kind_bfloat) peak = k->peak_pairs, rounds = pairs, peak_name = "bf16";
            const size_t row = columns / f->block * f->bytes;
            // 300 KB lie in the second cache.
            const size_t few = (300u << 10) / row / 16 * 16;
            char *w = weights(k, f, 512);
            work single = prepare(k, f, w, few, 1), batch = prepare(k, f, w, 64, many);
            const speed one = measure(&single, peak, rounds, turns), all = measure(&batch, peak, rounds, turns);
            printf("{\"set\": \"%s\", \"type\": \"%s\", \"peak\": \"%s\", \"one\": %.2f, \"one_share\": %.4f, \"one_plain\": %.4f, "
                   "\"many\": %.2f, \"many_share\": %.4f, \"many_plain\": %.4f, \"bytes\": %.4f",
                   k->name, f->name, peak_name, one.rate / 1e9, one.share, one.yardstick, all.rate / 1e9, all.share, all.yardstick,
                   (double)f->bytes / (double)f->block);
            release(&single);
            release(&batch);
            free(w);
            if (other) {
                const size_t rows = (megabytes << 20) / row / 16 * 16;
                w = weights(k, f, rows);
                work large = prepare(k, f, w, rows, 1);
                const speed far = measure_memory(&large, other, megabytes << 20, turns < 5 ? turns : 5);
                printf(", \"memory\": %.2f, \"memory_share\": %.4f", far.rate / 1e9, far.share);
                release(&large);
                free(w);
            }
            printf("}\n");
            fflush(stdout);
        }
    }
}
