import {FeedbackScreen} from "@point_of_sale/app/screens/feedback_screen/feedback_screen";
import {InvoiceCard} from "@salon_invoice_bridge/app/components/invoice_card/invoice_card";

// What a till shows in place of the receipt where it prints and goes on by itself.
FeedbackScreen.components = {...FeedbackScreen.components, InvoiceCard};
