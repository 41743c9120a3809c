import {FirstStep} from "./first_step";
import {KanbanController} from "@web/views/kanban/kanban_controller";
import {ListController} from "@web/views/list/list_controller";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {listView} from "@web/views/list/list_view";
import {registry} from "@web/core/registry";
import {useDocumentChanges} from "./refresh";

/** Choose in `root` the rows that are chosen in `before`, which it takes the place of. */
async function keepChosen(before, root) {
    if (before.isDomainSelected) {
        await root.selectDomain(true);
        return;
    }
    const chosen = new Set((before.selection || []).map(({resId}) => resId));
    const records = root.records.filter(({resId}) => chosen.has(resId));
    await Promise.all(records.map((record) => record.toggleSelection(true)));
}

/** Read again what is shown, unless somebody is choosing rows or typing in one. */
function useListRefresh(controller) {
    const {model} = controller;
    useDocumentChanges(async () => {
        const before = model.root;
        if (before.editedRecord || (before.selection || []).length) {
            return;
        }
        await model.load();
        // Somebody may have begun to choose while the answer was on its way.
        await keepChosen(before, model.root);
    });
}

class OrderListController extends ListController {
    setup() {
        super.setup();
        useListRefresh(this);
    }
}

class OrderKanbanController extends KanbanController {
    setup() {
        super.setup();
        useListRefresh(this);
    }
}

class DocumentListController extends OrderListController {
    static template = "salon_invoice_bridge.DocumentListView";
    static components = {...ListController.components, FirstStep};
}

class DocumentKanbanController extends OrderKanbanController {
    static template = "salon_invoice_bridge.DocumentKanbanView";
    static components = {...KanbanController.components, FirstStep};
}

const views = registry.category("views");
views.add("salon_order_list", {...listView, Controller: OrderListController});
views.add("salon_order_kanban", {...kanbanView, Controller: OrderKanbanController});
views.add("salon_invoice_list", {...listView, Controller: DocumentListController});
views.add("salon_invoice_kanban", {
    ...kanbanView,
    Controller: DocumentKanbanController,
});
