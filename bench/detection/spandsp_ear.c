/* spandsp's DTMF receiver on raw 16-bit samples at 8 kHz from standard input, in frames, as a live call has them.
 *
 * Usage: spandsp_ear FRAME NOTCH RUNS <samples
 * Prints "DIGIT SAMPLES" for each digit: how many samples it had been given by then. With RUNS above 0 it prints
 * instead how many seconds of processor time the fastest of so many runs took.
 *
 * The prototypes are those of the library's ABI 2, so that its headers need not be installed.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct dtmf_rx_state_s dtmf_rx_state_t;
dtmf_rx_state_t *dtmf_rx_init(dtmf_rx_state_t *s, void *callback, void *user_data);
void dtmf_rx_parms(dtmf_rx_state_t *s, int filter_dialtone, int twist, int reverse_twist, int threshold);
int dtmf_rx(dtmf_rx_state_t *s, const int16_t amp[], int samples);
size_t dtmf_rx_get(dtmf_rx_state_t *s, char *digits, int max);
int dtmf_rx_free(dtmf_rx_state_t *s);

static double processor_time(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec * 1e-9;
}

static double run(const int16_t *samples, size_t count, size_t frame, int notch, int quiet)
{
    char digits[129];
    double began = processor_time();
    dtmf_rx_state_t *rx = dtmf_rx_init(NULL, NULL, NULL);

    /* Values out of range leave what the library has by default. */
    dtmf_rx_parms(rx, notch ? 1 : -1, -1, -1, -99);
    for (size_t at = 0; at < count;) {
        size_t n = count - at < frame ? count - at : frame;

        dtmf_rx(rx, samples + at, (int) n);
        at += n;
        size_t found = dtmf_rx_get(rx, digits, 128);
        for (size_t i = 0; i < found && !quiet; i++)
            printf("%c %zu\n", digits[i], at);
    }
    dtmf_rx_free(rx);
    return processor_time() - began;
}

int main(int argc, char *argv[])
{
    size_t count = 0, room = 1 << 20;
    int16_t *samples = malloc(room * sizeof *samples);

    if (argc != 4) {
        fprintf(stderr, "Usage: spandsp_ear FRAME NOTCH RUNS <samples\n");
        return 2;
    }
    size_t frame = (size_t) atoi(argv[1]);
    int notch = atoi(argv[2]), runs = atoi(argv[3]);
    while (samples) {
        size_t n = fread(samples + count, sizeof *samples, room - count, stdin);

        count += n;
        if (count < room)
            break;
        room *= 2;
        samples = realloc(samples, room * sizeof *samples);
    }
    if (!samples || !frame) {
        fprintf(stderr, "no memory, or frames of no length\n");
        return 1;
    }
    if (!runs) {
        run(samples, count, frame, notch, 0);
        return 0;
    }
    double best = 1e9;
    for (int i = 0; i < runs; i++) {
        double took = run(samples, count, frame, notch, 1);

        best = took < best ? took : best;
    }
    printf("%.9f\n", best);
    return 0;
}
