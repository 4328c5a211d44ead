/* keylessctl: rows and results, for people and as JSON. */
#include <err.h>
#include <stdio.h>

#include "compat.h"
#include "json.h"
#include "keylessctl.h"
#include "table.h"
#include "text.h"

void
show_json_array(struct json *j, const struct request *request,
    const struct answer *answer)
{
	size_t	 i;

	json_array(j, request->view->name);
	for (i = 0; i < answer->rows[0].count; i++)
		request->view->json(j, answer_row(request, answer, 0, i));
	json_end(j);
}

static void
show_table(const struct request *request, const struct answer *answer,
    const struct style *style)
{
	struct table	*t = table_new();
	size_t		 i;

	request->view->columns(t, style->verbose);
	for (i = 0; i < answer->rows[0].count; i++)
		request->view->row(t, answer_row(request, answer, 0, i),
		    style->verbose);
	table_print(t, stdout, style->colour);
	table_free(t);
}

void
show_rows(const struct request *request, const struct answer *answer,
    const struct style *style)
{
	struct json	 j;

	if (!style->json) {
		show_table(request, answer, style);
		return;
	}
	json_init(&j, stdout);
	json_object(&j, NULL);
	show_json_array(&j, request, answer);
	json_end(&j);
}

static void
json_result(const struct msg_result *result)
{
	struct json	 j;

	json_init(&j, stdout);
	json_object(&j, NULL);
	json_string(&j, "status", result->status == 0 ? "done" : "failed");
	json_text(&j, "text", result->text);
	json_end(&j);
}

/* Of commands that do something: silence, or what the daemon has to say. */
void
show_result(const struct request *request, const struct answer *answer,
    const struct style *style)
{
	(void)request;
	if (style->json)
		json_result(&answer->result);
	else if (answer->result.text[0] != '\0')
		printf("%s\n", text_show(answer->result.text));
}

void
show_refusal(const struct request *request, const struct answer *answer,
    const struct style *style)
{
	const char	*text = answer->result.text;

	(void)request;
	if (style->json)
		json_result(&answer->result);
	warnx("%s", *text == '\0' ? "keylessd refused" : text_show(text));
}
