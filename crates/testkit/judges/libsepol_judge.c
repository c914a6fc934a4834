/*
 * libsepol_judge POLICY <QUESTIONS: what libsepol decides, one line of answer for each line of question.
 *
 *   access   SOURCE TARGET CLASS     ok ALLOWED AUDITALLOW AUDITDENY TE CONS RBAC BOUNDS
 *   create   SOURCE TARGET CLASS     ok CONTEXT
 *   member   SOURCE TARGET CLASS     ok CONTEXT
 *   relabel  SOURCE TARGET CLASS     ok CONTEXT
 *   validate OLD NEW CLASS PROCESS   ok granted | ok denied
 *   context  CONTEXT                 ok CONTEXT
 *
 * Numbers are hexadecimal. TE, CONS, RBAC and BOUNDS are the permissions that rules, constraints, role allow or
 * bounds were the first to deny. What libsepol does not take is `invalid`; where it crashes (two levels of bounds,
 * in version 3.4), `crash`.
 *
 * With a number behind POLICY, the access questions are asked that many times, without reasons, and the
 * nanoseconds of each round are printed instead.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sepol/policydb/services.h>
#include <sepol/sepol.h>

struct question {
	sepol_security_id_t source, target;
	sepol_security_class_t class;
};

static sigjmp_buf crashed;

static void on_crash(int signal_number)
{
	siglongjmp(crashed, signal_number);
}

static int sid_of(const char *context, sepol_security_id_t *sid)
{
	return context ? sepol_context_to_sid(context, strlen(context) + 1, sid) : -1;
}

static void print_context(sepol_security_id_t sid)
{
	char *context;
	size_t length;

	if (sepol_sid_to_context(sid, &context, &length) < 0) {
		puts("invalid");
		return;
	}
	printf("ok %s\n", context);
	free(context);
}

static void access_question(const struct question *q)
{
	struct sepol_av_decision decision, again;
	sepol_access_vector_t denied = 0;
	unsigned int reason, by[4] = { 0, 0, 0, 0 };

	if (sepol_compute_av_reason(q->source, q->target, q->class, 0, &decision, &reason) < 0) {
		puts("invalid");
		return;
	}
	for (int bit = 0; bit < 32; bit++) {
		sepol_access_vector_t one = (sepol_access_vector_t)1 << bit;
		const char *name = sepol_av_perm_to_string(q->class, one);

		if (!(decision.allowed & one) && name && *name)
			denied |= one;
	}
	/* Mostly rules denied all; then that needs no further question. */
	sepol_compute_av_reason(q->source, q->target, q->class, denied, &again, &reason);
	if (reason == SEPOL_COMPUTEAV_TE)
		by[0] = denied;
	for (int bit = 0; bit < 32 && by[0] != denied; bit++) {
		sepol_access_vector_t one = (sepol_access_vector_t)1 << bit;

		if (!(denied & one) ||
		    sepol_compute_av_reason(q->source, q->target, q->class, one, &again, &reason) < 0)
			continue;
		/* Bounds are reported for every permission that the pair has, so they come last. */
		for (int k = 0; k < 4; k++) {
			if (reason & (1u << k)) {
				by[k] |= one;
				break;
			}
		}
	}
	printf("ok %x %x %x %x %x %x %x\n", decision.allowed, decision.auditallow, decision.auditdeny, by[0],
	       by[1], by[2], by[3]);
}

static void answer(char *line)
{
	char *save, *verb = strtok_r(line, " \n", &save);
	char *first = strtok_r(NULL, " \n", &save), *second = strtok_r(NULL, " \n", &save);
	char *class = strtok_r(NULL, " \n", &save), *process = strtok_r(NULL, " \n", &save);
	struct question q;
	sepol_security_id_t sid;
	int failed;

	if (!verb || sid_of(first, &q.source) < 0) {
		puts("invalid");
		return;
	}
	if (!strcmp(verb, "context")) {
		print_context(q.source);
		return;
	}
	if (sid_of(second, &q.target) < 0 || !class || sepol_string_to_security_class(class, &q.class) < 0) {
		puts("invalid");
		return;
	}
	if (sigsetjmp(crashed, 1)) {
		puts("crash");
		return;
	}
	if (!strcmp(verb, "access")) {
		access_question(&q);
		return;
	}
	if (!strcmp(verb, "validate")) {
		char *why = NULL;

		if (sid_of(process, &sid) < 0) {
			puts("invalid");
			return;
		}
		failed = sepol_validate_transition_reason_buffer(q.source, q.target, sid, q.class, &why, 0);
		puts(failed ? "ok denied" : "ok granted");
		free(why);
		return;
	}
	failed = !strcmp(verb, "create") ? sepol_transition_sid(q.source, q.target, q.class, &sid) :
		 !strcmp(verb, "member") ? sepol_member_sid(q.source, q.target, q.class, &sid) :
					   sepol_change_sid(q.source, q.target, q.class, &sid);
	if (failed)
		puts("invalid");
	else
		print_context(sid);
}

static void measure(int rounds)
{
	struct question *all = NULL, q;
	size_t n = 0, capacity = 0;
	char *line = NULL;
	size_t line_capacity = 0;

	while (getline(&line, &line_capacity, stdin) > 0) {
		char *save, *verb = strtok_r(line, " \n", &save);
		char *source = strtok_r(NULL, " \n", &save), *target = strtok_r(NULL, " \n", &save);
		char *class = strtok_r(NULL, " \n", &save);

		if (!verb || strcmp(verb, "access") || sid_of(source, &q.source) < 0 ||
		    sid_of(target, &q.target) < 0 || !class ||
		    sepol_string_to_security_class(class, &q.class) < 0)
			continue;
		if (n == capacity) {
			capacity = capacity ? 2 * capacity : 1024;
			all = realloc(all, capacity * sizeof(*all));
			if (!all)
				exit(1);
		}
		all[n++] = q;
	}
	for (int round = 0; round < rounds; round++) {
		struct timespec start, end;
		unsigned int granted = 0;

		clock_gettime(CLOCK_MONOTONIC, &start);
		for (size_t i = 0; i < n; i++) {
			struct sepol_av_decision decision;
			unsigned int reason;

			if (!sepol_compute_av_reason(all[i].source, all[i].target, all[i].class, ~0u, &decision,
						     &reason))
				granted += __builtin_popcount(decision.allowed);
		}
		clock_gettime(CLOCK_MONOTONIC, &end);
		printf("%zu %lld %u\n", n,
		       (end.tv_sec - start.tv_sec) * 1000000000LL + (end.tv_nsec - start.tv_nsec), granted);
	}
}

int main(int argc, char **argv)
{
	char *line = NULL;
	size_t capacity = 0;
	FILE *file;

	if (argc < 2 || !(file = fopen(argv[1], "r")) || sepol_set_policydb_from_file(file) < 0) {
		fprintf(stderr, "usage: libsepol_judge POLICY [ROUNDS] <QUESTIONS\n");
		return 1;
	}
	sepol_debug(0);
	signal(SIGSEGV, on_crash);
	if (argc > 2) {
		measure(atoi(argv[2]));
		return 0;
	}
	while (getline(&line, &capacity, stdin) > 0)
		answer(line);
	return 0;
}
