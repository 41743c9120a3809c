import {InvoiceCard} from "@salon_invoice_bridge/app/components/invoice_card/invoice_card";
import {ReceiptScreen} from "@point_of_sale/app/screens/receipt_screen/receipt_screen";

ReceiptScreen.components = {...ReceiptScreen.components, InvoiceCard};
